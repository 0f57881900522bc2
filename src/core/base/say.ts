/** Numbers in sentences: three significant digits, thousands separated, never an exponent. */
export function sig(x: number): string {
  if (!Number.isFinite(x)) return '–';
  const size = Math.abs(x);
  if (size === 0) return '0';
  if (size >= 1000) return Math.round(x).toLocaleString('en-US');
  if (size >= 100) return String(Math.round(x));
  if (size >= 10) return String(Number(x.toFixed(1)));
  if (size >= 0.095) return String(Number(x.toFixed(2)));
  return String(Number(x.toPrecision(2)));
}

/** Seconds as people say them: `36 ms`, `4.2 s`, `3 min 55 s`, `2 h 10 min`, `3 d`. */
export function sayDuration(seconds: number): string {
  const s = Math.abs(seconds);
  if (s < 1) return `${sig(s * 1000)} ms`;
  if (s < 60) return `${sig(s)} s`;
  if (s < 3600) {
    const rest = Math.round(s % 60);
    const minutes = Math.floor(s / 60) + (rest === 60 ? 1 : 0);
    return rest === 0 || rest === 60 || s >= 600
      ? `${s >= 600 ? Math.round(s / 60) : minutes} min`
      : `${minutes} min ${rest} s`;
  }
  if (s < 172_800) {
    const hours = Math.floor(s / 3600);
    const minutes = Math.round((s % 3600) / 60);
    return minutes === 0 || minutes === 60 ? `${hours + (minutes === 60 ? 1 : 0)} h` : `${hours} h ${minutes} min`;
  }
  return `${sig(s / 86_400)} d`;
}

/** Ratio 0 to 1 as percent: `22 %`, `0.4 %`. */
export function sayShare(ratio: number): string {
  const percent = ratio * 100;
  return `${percent >= 10 ? Math.round(percent) : sig(percent)} %`;
}

/** `1 request`, `239 requests`. */
export function sayCount(n: number, noun: string): string {
  const rounded = Math.round(n);
  return `${sig(rounded)} ${noun}${rounded === 1 ? '' : 's'}`;
}

/** Names in a row: `a`, `a and b`, `3 of 8 replicas` is left to the caller. */
export function sayList(names: readonly string[]): string {
  if (names.length <= 1) return names.join('');
  return `${names.slice(0, -1).join(', ')} and ${names[names.length - 1]}`;
}

/** An estimate of seconds without false precision: `7 min`, `40 s`, `2.5 h`. */
export function sayAbout(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds / 5) * 5 || Math.round(seconds))} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${sig(seconds / 3600)} h` : `${sig(seconds / 86_400)} d`;
}

/** A share of requests in words where it is all or none: `all`, `none`, `56 %`. */
export function sayPart(ratio: number): string {
  if (ratio >= 0.995) return 'all';
  return ratio <= 0.005 ? 'none' : sayShare(ratio);
}

/** A title inside a sentence: lower case first letter, unless it begins with an abbreviation. */
export function inSentence(title: string): string {
  return /^[A-Z][a-z]/.test(title) ? title.charAt(0).toLowerCase() + title.slice(1) : title;
}

/** Words that begin a sentence: upper case first letter, unless they begin with a name such as `vllm-0` or `max_num_seqs`. */
export function asSentence(words: string): string {
  return /^[a-z]+(?=[\s,;:.]|$)/.test(words) ? words.charAt(0).toUpperCase() + words.slice(1) : words;
}

/** Bytes as people say them, in powers of 1024: `640 MiB`, `68.7 GiB`. */
export function sayBytes(bytes: number): string {
  const gib = bytes / 2 ** 30;
  return Math.abs(gib) >= 1 ? `${sig(gib)} GiB` : `${sig(bytes / 2 ** 20)} MiB`;
}

/** A moment as a clock shows it in UTC, with the date where it is more than a day after `now` (both unix seconds): `14:30 UTC`. */
export function sayClock(at: number, now: number): string {
  const iso = new Date(Math.floor(at / 60) * 60_000).toISOString();
  const clock = `${iso.slice(11, 16)} UTC`;
  return at - now >= 86_400 ? `${iso.slice(0, 10)} ${clock}` : clock;
}
