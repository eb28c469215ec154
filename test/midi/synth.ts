/** A synthesiser that counts: each note-on adds a voice, each note-off takes one away. For tests of what is sent. */
export class CountingSynth {
  readonly sent: number[][] = [];
  readonly voices = new Map<string, number>();
  readonly controls = new Map<string, number>();
  /** Note-offs for which nothing sounded. */
  needless = 0;

  readonly send = (port: number, status: number, a: number, b: number): void => {
    this.sent.push([port, status, a, b]);
    const key = `${port} ${status & 15} ${a}`;
    const voices = this.voices.get(key) ?? 0;
    const kind = status & 0xf0;
    if (kind === 0x90) this.voices.set(key, voices + 1);
    if (kind === 0xb0) this.controls.set(key, b);
    if (kind !== 0x80) return;
    if (voices === 0) this.needless++;
    else this.voices.set(key, voices - 1);
  };

  get sounding(): number {
    return [...this.voices.values()].reduce((sum, voices) => sum + voices, 0);
  }

  get pedalsDown(): number {
    return [...this.controls].filter(([key, value]) => /(64|66|67)$/.test(key) && value > 0).length;
  }

  /** What was sent since last asked. */
  take(): number[][] {
    return this.sent.splice(0);
  }
}
