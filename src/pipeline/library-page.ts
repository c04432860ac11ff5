import type { Scenario } from '../scenario/index.js';
import { libraryMatrix, sampleCommands } from './library.js';

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ');
const code = (text: string): string => (text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``);

function section(scenario: Scenario): string[] {
  const { expect: expected, prerequisites, blockedBy, references } = scenario;
  const sockets = expected.sockets.map(
    ({ role, transport, openedBy }) => `${role} (${transport}, opened by the ${openedBy})`,
  );
  const hidden =
    expected.notObservable.length === 0 ? '' : `; not observable: ${expected.notObservable.join(', ')}`;
  const byProfile = Object.entries(expected.byProfile)
    .map(([profile, outcome]) => ` (${profile}: ${outcome})`)
    .join('');
  return [
    `### ${scenario.id}`,
    '',
    scenario.description,
    '',
    '```bat',
    `rem DefaultShell cmd.exe${scenario.steps.length > 1 ? ', one line per step' : ''}`,
    ...sampleCommands(scenario, 'cmd'),
    '```',
    '',
    '```powershell',
    '# DefaultShell PowerShell',
    ...sampleCommands(scenario, 'powershell'),
    '```',
    '',
    `- Expected: **${expected.outcome}**${byProfile}, attribution ${expected.attribution}, socket owner ${expected.socketOwner}`,
    `- Sockets: ${sockets.join('; ')}`,
    `- Legs: ${expected.legs.join(', ')}${hidden}`,
    `- Profiles: ${scenario.profiles.join(', ')}${scenario.tags.length === 0 ? '' : `. Tags: ${scenario.tags.join(', ')}`}`,
    `- Oldest Windows: ${scenario.minimumWindows}`,
    ...prerequisites.map(
      ({ text, check, remedy }) => `- Needs: ${text}. Check: ${code(check)}. Remedy: ${remedy}`,
    ),
    ...blockedBy.map(
      ({ by, text, evidence }) => `- May be blocked by ${by}: ${text} (evidence: ${evidence})`,
    ),
    `- Clean-up: ${scenario.cleanup.length === 0 ? 'staged files go by themselves' : scenario.cleanup.map(code).join(', ')}`,
    `- Again: ${scenario.idempotence}`,
    ...(references.length === 0 ? [] : [`- References: ${references.map((url) => `<${url}>`).join(', ')}`]),
    '',
  ];
}

/** The library as a page of documentation (Markdown). */
export function libraryPage(scenarios: readonly Scenario[]): string {
  const matrix = libraryMatrix(scenarios);
  const lines = [
    '# The scenario library',
    '',
    '<!-- Generated from scenarios/*.yaml by `npm run docs`. Do not edit. -->',
    '',
    'Every scenario tests AN1169 (DET0416) for T1071.002. Commands are shown for a sample execution `d0000001` and a sink at 192.0.2.10.',
    '',
    `| initiator | ${matrix.protocols.join(' | ')} |`,
    `|---|${matrix.protocols.map(() => '---|').join('')}`,
    ...matrix.initiators.map(
      (initiator) =>
        `| ${initiator} | ${matrix.protocols.map((protocol) => String(matrix.count(initiator, protocol))).join(' | ')} |`,
    ),
    '',
    `${String(scenarios.length - matrix.controls)} uploads, and ${String(matrix.controls)} controls that must not be detected.`,
    '',
    '| scenario | what |',
    '|---|---|',
    ...scenarios.map(({ id, description }) => `| [${id}](#${id}) | ${cell(description)} |`),
    '',
    '## Uploads',
    '',
    ...scenarios.filter(({ control }) => !control).flatMap(section),
    '## Controls',
    '',
    ...scenarios.filter(({ control }) => control).flatMap(section),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}
