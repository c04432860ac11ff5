import { inspect } from 'node:util';

const redacted = '[redacted]';

/**
 * A secret that shows itself only to who asks for it: printed, logged, inspected or serialised it is `[redacted]`.
 * The habit is threatest's `secret.go`.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return redacted;
  }

  toJSON(): string {
    return redacted;
  }

  [inspect.custom](): string {
    return redacted;
  }
}
