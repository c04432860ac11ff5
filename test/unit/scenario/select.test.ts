import { beforeAll, describe, expect, it } from 'vitest';
import { builtInSuites, defaultParameters, suiteSchema } from '../../../src/config/index.js';
import {
  chooseScenarios,
  fileSize,
  loadScenarios,
  profileSize,
  suiteNamed,
  unfit,
  type Scenario,
} from '../../../src/scenario/index.js';

let library: Scenario[];
beforeAll(async () => {
  library = await loadScenarios();
});

const ids = (selections: Parameters<typeof chooseScenarios>[1]): string[] =>
  chooseScenarios(library, selections).choices.map(({ scenario }) => scenario.id);

describe('a selection', () => {
  it('narrows by every part that it names, and all of them hold', () => {
    const chosen = ids([{ initiators: ['cmd'], protocols: ['ftp', 'tftp'], variants: ['c*'] }]);
    expect(chosen).toEqual(
      library
        .filter(
          ({ initiator, protocol, variant }) =>
            initiator === 'cmd' && protocol !== 'smb' && variant.startsWith('c'),
        )
        .map(({ id }) => id),
    );
    expect(chosen).toContain('cmd-ftp-curl');
    expect(ids([{ tags: ['encrypted'] }, { protocols: ['smb'] }])).toEqual([
      'cmd-smb-encrypted',
      'powershell-smb-encrypted',
    ]);
  });

  it('takes the default profile, all that fit, or those that are named; what takes none of these is told', () => {
    const [standard] = chooseScenarios(library, [{ scenarios: ['cmd-smb-copy'] }]).choices;
    expect(standard?.profiles).toEqual(standard?.scenario.profiles.slice(0, 1));
    const [all] = chooseScenarios(library, [{ scenarios: ['cmd-smb-copy'], profiles: 'all' }]).choices;
    expect(all?.profiles).toEqual(all?.scenario.profiles);
    const { choices, leftOut } = chooseScenarios(library, [
      { protocols: ['tftp'], initiators: ['cmd'], profiles: ['large'] },
    ]);
    expect(choices.map(({ profiles }) => profiles)).toEqual(choices.map(() => ['large']));
    expect(leftOut.map(({ what }) => what)).toEqual(['scenario control-cmd-tftp-config-push']);
  });

  it('names the nearest where nothing has a name, and says when nothing is left', () => {
    expect(() => ids([{ variants: ['cul'] }])).toThrow('no variant matches "cul"');
    expect(() => ids([{ profiles: ['larg'] }])).toThrow('no profile matches "larg"');
    expect(() => ids([{ initiators: ['rundll32'] }, { tags: ['encrypted'] }])).toThrow();
  });
});

describe('suites', () => {
  it('smoke has each initiator over each protocol, full everything, quiet tiny transfers alone', () => {
    const smoke = chooseScenarios(library, [suiteNamed(builtInSuites, 'smoke')]).choices.filter(
      ({ scenario }) => !scenario.control,
    );
    expect(new Set(smoke.map(({ scenario }) => `${scenario.initiator} ${scenario.protocol}`)).size).toBe(9);
    const full = chooseScenarios(library, [suiteNamed(builtInSuites, 'full')]).choices;
    expect(full.flatMap(({ profiles }) => profiles)).toHaveLength(
      library.flatMap(({ profiles }) => profiles).length,
    );
    const quiet = chooseScenarios(library, [suiteNamed(builtInSuites, 'quiet')]).choices;
    expect(new Set(quiet.flatMap(({ profiles }) => profiles))).toEqual(new Set(['tiny']));
  });

  it("a lab's own suite stands in the place of a built-in one; an unknown one is an error", () => {
    const own = { ...builtInSuites, smoke: suiteSchema.parse({ scenarios: ['cmd-ftp-curl'] }) };
    expect(ids([suiteNamed(own, 'smoke')])).toEqual(['cmd-ftp-curl']);
    expect(() => suiteNamed(own, 'smok')).toThrow('smok');
  });
});

describe('volume profiles', () => {
  it('lie where they are to lie: over one threshold, under another', () => {
    const { largeTransferBytes, minimumBytes } = defaultParameters;
    expect(profileSize('large', defaultParameters)).toBeGreaterThan(largeTransferBytes);
    expect(profileSize('unbalanced', defaultParameters)).toBeLessThan(largeTransferBytes);
    expect(profileSize('unbalanced', defaultParameters)).toBeGreaterThan(minimumBytes);
    expect(profileSize('slow', defaultParameters)).toBeLessThan(minimumBytes);
    expect(profileSize('tiny', defaultParameters)).toBeLessThan(minimumBytes);
  });

  it('a file that a way cannot carry does not fit, and it is said why', () => {
    const tftp = library.find(({ id }) => id === 'cmd-tftp-client');
    if (tftp === undefined) throw new Error('no cmd-tftp-client');
    const huge = { ...defaultParameters, largeTransferBytes: 40 * 1024 * 1024 };
    expect(unfit(tftp, 'large', defaultParameters)).toBeUndefined();
    expect(unfit(tftp, 'large', huge)).toContain('carries 33553919 at most');
    expect(fileSize({ ...tftp, size: 7 }, 'large', huge)).toBe(7);
  });
});
