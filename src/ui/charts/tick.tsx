import type { XAxisTickContentProps, YAxisTickContentProps } from 'recharts';

/**
 * The text at a tick. The library's own measures its words in a span that it hangs into the document, which in a mount is
 * somebody else's; ours are short and never broken.
 * @param given typed by the library for an axis in one of its charts alone
 */
export function tick(given: unknown) {
  const { x, y, payload, index, textAnchor, verticalAnchor, tickFormatter } = given as
    | XAxisTickContentProps
    | YAxisTickContentProps;
  return (
    <text
      x={x}
      y={y}
      dy={verticalAnchor === 'start' ? '0.71em' : '0.355em'}
      textAnchor={textAnchor}
      fontSize={10.5}
      fill="var(--ink-3)"
    >
      {tickFormatter?.(payload.value, index)}
    </text>
  );
}
