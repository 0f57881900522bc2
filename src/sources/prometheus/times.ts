/** A time as the API takes it. Fractions go as a date: servers cut `….491` read as a float to a millisecond less. */
export function timeText(seconds: number): string {
  const ms = Math.round(seconds * 1000);
  return ms % 1000 === 0 ? String(ms / 1000) : new Date(ms).toISOString();
}
