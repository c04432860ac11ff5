/** How a Windows client of its kind speaks; the order is what a protocol log shows. */
export interface FtpManner {
  /** Commands after login; their failure does not matter. */
  readonly afterLogin: readonly string[];
  /** Commands after the first data channel was announced. */
  readonly afterPassive: readonly string[];
  /** EPSV first, then PASV where it is refused. */
  readonly extended: boolean;
  readonly quits: boolean;
}

export const ftpManners = {
  /** System.Net.FtpWebRequest; its connection pool does not say QUIT when the process ends. */
  webRequest: {
    afterLogin: ['OPTS utf8 on', 'PWD', 'TYPE I'],
    afterPassive: [],
    extended: false,
    quits: false,
  },
  /** WinINet's FtpPutFile with INTERNET_FLAG_PASSIVE. */
  winInet: { afterLogin: ['TYPE I'], afterPassive: [], extended: false, quits: true },
  /** curl: PWD, EPSV (then PASV), TYPE I, STOR, QUIT. */
  curl: { afterLogin: ['PWD'], afterPassive: ['TYPE I'], extended: true, quits: true },
} as const satisfies Record<string, FtpManner>;
