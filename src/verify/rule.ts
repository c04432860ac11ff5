import type { CauseCode } from '../causes/index.js';
import { isPrivateIp } from '../core/index.js';
import type { Context, Evidence } from './context.js';

interface Reason {
  readonly cause: CauseCode;
  readonly detail: string;
}

const spoken = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

/**
 * Why the SIEM's rules gave no alert although the analytic fires: what the SIEM shows of them, held against this transfer. Where
 * several rules could have, each must be explained; the one that came furthest speaks. More than one reason may hold.
 * @param bytesOut and outboundShare what the analytic measured
 * @param lateMs how long after the transfer the last record came in; null where the SIEM does not say
 */
export function whyNoAlert(
  evidence: Evidence,
  context: Context,
  measured: { readonly bytesOut: number | null; readonly outboundShare: number | null },
  lateMs: number | null,
): Reason[] {
  const rules = context.collection?.rules ?? null;
  if (rules === null) return [{ cause: 'rule-silent', detail: 'the SIEM does not show its rules' }];
  if (rules.length === 0) return [{ cause: 'rule-absent', detail: 'the SIEM lists no rule' }];
  const enabled = rules.filter((rule) => rule.enabled);
  if (enabled.length === 0)
    return [{ cause: 'rule-disabled', detail: `${rules.map((rule) => rule.name).join(', ')}: disabled` }];
  const { sink } = evidence.facts.planned;
  const explained = enabled.map((rule) => {
    const reasons: Reason[] = [];
    if (rule.excludesPrivateAddresses === true && isPrivateIp(sink.address))
      reasons.push({
        cause: 'rule-excludes-private',
        detail: `${rule.name} leaves out private addresses, ${sink.address} is one`,
      });
    const { largeTransferBytes: large, dataFlowDirectionThreshold: share } = rule;
    const { bytesOut, outboundShare } = measured;
    const tooSmall = large !== null && bytesOut !== null && bytesOut < large;
    const tooEven = share === null || (outboundShare !== null && outboundShare < share);
    if (tooSmall && tooEven)
      reasons.push({
        cause: 'rule-threshold',
        detail: `${rule.name} asks for ${large} bytes${share === null ? '' : ` or an outbound share of ${share}`}, the transfer had ${bytesOut}${outboundShare === null ? '' : ` and ${outboundShare.toFixed(3)}`}`,
      });
    if (rule.lookBackMs !== null && lateMs !== null && lateMs > rule.lookBackMs)
      reasons.push({
        cause: 'rule-look-back',
        detail: `${rule.name} looks back ${spoken(rule.lookBackMs)}, the last record came in ${spoken(lateMs)} after the transfer`,
      });
    return reasons;
  });
  const silent = enabled[explained.findIndex((reasons) => reasons.length === 0)];
  if (silent !== undefined)
    return [
      { cause: 'rule-silent', detail: `${silent.name} is enabled, and its settings do not explain it` },
    ];
  return explained.sort((a, b) => a.length - b.length)[0] ?? [];
}
