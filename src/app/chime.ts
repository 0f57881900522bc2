/** Two short tones, made here so that no file is fetched: falling for bad news, rising for good. */
export function chime(which: 'alarm' | 'calm'): void {
  const audio = new AudioContext();
  const tones = which === 'alarm' ? [740, 494] : [494, 740];
  tones.forEach((hertz, i) => {
    const start = audio.currentTime + i * 0.22;
    const tone = audio.createOscillator();
    const loudness = audio.createGain();
    tone.frequency.value = hertz;
    loudness.gain.setValueAtTime(0.0001, start);
    loudness.gain.exponentialRampToValueAtTime(0.2, start + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.0001, start + 0.2);
    tone.connect(loudness).connect(audio.destination);
    tone.start(start);
    tone.stop(start + 0.21);
  });
  setTimeout(() => void audio.close(), 700);
}
