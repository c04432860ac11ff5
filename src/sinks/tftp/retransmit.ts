/** Repeats the last packets until the peer answers, a bounded number of times. */
export interface Retransmitter {
  /** Something new arrived or was sent: the time starts again, and the count too. */
  reset(): void;
  stop(): void;
}

/** How often a packet is repeated before the peer is given up. */
export const maxRetransmissions = 5;

/** @param repeat sends the last packets again @param giveUp is called after the last repetition stayed unanswered */
export function retransmitter(timeoutMs: number, repeat: () => void, giveUp: () => void): Retransmitter {
  let timer: NodeJS.Timeout | undefined;
  let repeated = 0;
  const arm = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (repeated >= maxRetransmissions) {
        giveUp();
        return;
      }
      repeated += 1;
      arm();
      repeat();
    }, timeoutMs);
  };
  return {
    reset() {
      repeated = 0;
      arm();
    },
    stop: () => clearTimeout(timer),
  };
}
