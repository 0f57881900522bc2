/** A label that wants to stand at a height; `weight` decides who keeps it when there is no room for all. */
export interface PlacedLabel {
  readonly text: string;
  readonly y: number;
  readonly tone: string;
  readonly bold: boolean;
  readonly weight: number;
}

const LINE = 11.5;

/** @returns the labels moved apart so that none overlaps, inside [top, bottom]; the lightest are left out where they do not fit. */
export function spread(labels: readonly PlacedLabel[], top: number, bottom: number): PlacedLabel[] {
  const room = Math.max(1, Math.floor((bottom - top) / LINE));
  const kept = [...labels]
    .sort((a, b) => b.weight - a.weight)
    .slice(0, room)
    .sort((a, b) => a.y - b.y);
  const ys = kept.map((label) => Math.max(top, Math.min(bottom, label.y)));
  for (let i = 1; i < ys.length; i++) ys[i] = Math.max(ys[i] as number, (ys[i - 1] as number) + LINE);
  const over = (ys[ys.length - 1] ?? bottom) - bottom;
  if (over > 0) {
    ys[ys.length - 1] = bottom;
    for (let i = ys.length - 2; i >= 0; i--) ys[i] = Math.min(ys[i] as number, (ys[i + 1] as number) - LINE);
  }
  return kept.map((label, i) => ({ ...label, y: ys[i] as number }));
}
