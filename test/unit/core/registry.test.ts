import { describe, expect, it } from 'vitest';
import { InputError, registry } from '../../../src/core/index.js';

const colours = registry('colour', { red: 1, green: 2 });

describe('registry', () => {
  it('gives what was put in', () => {
    expect(colours.get('red')).toBe(1);
    expect(colours.names).toEqual(['red', 'green']);
    expect(colours.has('blue')).toBe(false);
  });

  it('answers an unknown name with the list of known ones and the nearest', () => {
    expect(() => colours.get('gren')).toThrow(InputError);
    expect(() => colours.get('gren')).toThrow('known: red, green');
    try {
      colours.get('gren');
    } catch (error) {
      expect(error).toMatchObject({ code: 'unknown-colour', remedy: 'did you mean "green"?', exitCode: 2 });
    }
  });

  it('does not take names of Object.prototype', () => {
    expect(() => colours.get('constructor')).toThrow(InputError);
  });
});
