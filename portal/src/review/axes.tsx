import type { ComponentChildren } from "preact";

const [wide, high, left, below] = [420, 240, 44, 40];
const ticks = [0, 0.25, 0.5, 0.75, 1];

/** Where a share from 0 to 1 is in the picture. */
export const across = (share: number): number => left + share * (wide - left - 12);
export const up = (share: number): number => 12 + (1 - share) * (high - below - 12);

/** A picture of shares against shares. `label` says in words what it shows; the numbers are in a table beside it. */
export function Axes(props: {
  readonly label: string;
  readonly bottom: string;
  readonly side: string;
  readonly children: ComponentChildren;
}) {
  const { label, bottom, side, children } = props;
  return (
    <svg class="plot" viewBox={`0 0 ${wide} ${high}`} role="img" aria-label={label}>
      {ticks.map((tick) => (
        <g key={tick}>
          <line class="grid" x1={across(0)} x2={across(1)} y1={up(tick)} y2={up(tick)} />
          <text class="tick" x={across(0) - 6} y={up(tick) + 4} text-anchor="end">
            {tick}
          </text>
          <text class="tick" x={across(tick)} y={up(0) + 16} text-anchor="middle">
            {tick}
          </text>
        </g>
      ))}
      <text class="axis" x={across(0.5)} y={high - 4} text-anchor="middle">
        {bottom}
      </text>
      <text class="axis" x={12} y={up(0.5)} text-anchor="middle" transform={`rotate(-90 12 ${up(0.5)})`}>
        {side}
      </text>
      {children}
    </svg>
  );
}
