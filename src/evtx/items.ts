import { Damage } from './damage.js';
import { itemSize, valueType } from './values.js';

/** Places of an array's items; texts end with NUL. @throws Damage for types that make no arrays. */
export function arrayItems(
  view: DataView,
  type: number,
  at: number,
  size: number,
): [offset: number, size: number][] {
  const items: [number, number][] = [];
  const end = at + size;
  const fixed = itemSize(type);
  if (fixed !== undefined) {
    for (let from = at; from + fixed <= end; from += fixed) items.push([from, fixed]);
    return items;
  }
  if (type !== valueType.string) throw new Damage(`an array of type 0x${type.toString(16)}`);
  let from = at;
  for (let position = at; position + 1 < end; position += 2) {
    if (view.getUint16(position, true) !== 0) continue;
    items.push([from, position - from]);
    from = position + 2;
  }
  if (from + 1 < end) items.push([from, end - from]);
  return items;
}
