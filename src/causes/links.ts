/** The detection chain, in the order in which a tracer passes it. */
export const links = ['execute', 'deliver', 'sense', 'ship', 'parse', 'correlate', 'alert', 'route'] as const;
export type Link = (typeof links)[number];
