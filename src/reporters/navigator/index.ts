import { protocols } from '../../config/index.js';
import type { RunResult } from '../../coverage/index.js';
import { attack } from '../attack.js';
import { formatRate } from '../format.js';
import type { Reporter } from '../types.js';
import { attackNotice, headline, legNames, simulatedText } from '../words.js';

const attackUrl = 'https://attack.mitre.org';

/** Uploads of one protocol that alerted, of those that could be judged. */
function protocolRate(result: RunResult, protocol: (typeof protocols)[number]): string {
  const uploads = result.executions.filter(
    (one) => one.protocol === protocol && !one.control && one.outcome !== 'error',
  );
  if (uploads.length === 0) return 'not tested';
  return `${formatRate({ count: uploads.filter(({ outcome }) => outcome === 'alerted').length, of: uploads.length })} alerted`;
}

function comment(result: RunResult): string {
  return [
    `${headline(result)}.`,
    'Score: uploads alerted in percent of those that could be judged; the executions in error are in neither.',
    simulatedText(result),
    ...(result.findings.length === 0 ? ['No gap found.'] : ['Gaps, the most valuable to mend first:']),
    ...result.findings.map(
      (finding) =>
        `- ${finding.title} (${finding.cause}, link ${finding.link}): ${finding.executions.length} of ${result.executions.length} executions`,
    ),
  ].join('\n');
}

/**
 * ATT&CK Navigator layer, format 4.5 (attack-navigator, layers/spec/v4.5/layerformat.md). The score is a number, or absent where no
 * upload could be judged: an unscored technique has no colour, and 0 would say that nothing was detected.
 */
export const navigatorReporter: Reporter = {
  fileName: 'navigator.json',
  render(result) {
    const { alerted } = result.coverage.outcomes;
    const layer = {
      name: `Dyetrace ${result.run.id}`,
      versions: { attack: attack.version, navigator: '5.2.0', layer: '4.5' },
      domain: 'enterprise-attack',
      description: `${headline(result)}. ${simulatedText(result)} ${attackNotice}`,
      filters: { platforms: ['Windows'] },
      layout: { layout: 'side', showID: true, showName: true, expandedSubtechniques: 'annotated' },
      techniques: [
        { techniqueID: attack.technique.id, tactic: attack.tactic.shortName, showSubtechniques: true },
        {
          techniqueID: attack.subTechnique.id,
          tactic: attack.tactic.shortName,
          ...(alerted.of === 0 ? {} : { score: Math.round((100 * alerted.count) / alerted.of) }),
          comment: comment(result),
          metadata: [
            { name: 'Detection strategy', value: `${attack.strategy.id}: ${attack.strategy.name}` },
            { name: 'Analytic', value: attack.analytic.id },
            ...protocols.map((protocol) => ({
              name: protocol.toUpperCase(),
              value: protocolRate(result, protocol),
            })),
            ...Object.entries(result.coverage.legs).map(([leg, rate]) => ({
              name: `Leg seen: ${legNames[leg as keyof typeof legNames]}`,
              value: formatRate(rate),
            })),
          ],
          links: [
            { label: attack.strategy.id, url: `${attackUrl}/detectionstrategies/${attack.strategy.id}` },
          ],
        },
      ],
      gradient: { colors: ['#ff6666', '#ffe766', '#8ec843'], minValue: 0, maxValue: 100 },
      metadata: [
        { name: 'run', value: result.run.id },
        { name: 'lab', value: result.run.lab },
        { name: 'hosts', value: result.run.simulated ? 'simulated' : 'real' },
        { name: 'started', value: result.run.startedAt },
      ],
    };
    return `${JSON.stringify(layer, null, 2)}\n`;
  },
};
