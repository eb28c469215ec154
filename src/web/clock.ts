/** How far the daemon's clock is from ours, as NTP finds it (RFC 5905, section 8): the quickest round trip errs least. */
export class Clock {
  private samples: { readonly offset: number; readonly trip: number }[] = [];

  /** One ping and its pong; `sent` and `back` by our clock, the others by the daemon's, all in milliseconds. */
  add(sent: number, received: number, answered: number, back: number): void {
    this.samples.push({ offset: (received - sent + (answered - back)) / 2, trip: back - sent - (answered - received) });
    if (this.samples.length > 8) this.samples.shift();
  }

  /** Forgets all: another daemon has another clock. */
  reset(): void {
    this.samples = [];
  }

  get known(): boolean {
    return this.samples.length > 0;
  }

  /** Round trip of the best sample in milliseconds; NaN when unknown. */
  get trip(): number {
    return this.best?.trip ?? NaN;
  }

  /** A time of the daemon's clock, by ours. */
  toOurs(theirs: number): number {
    return theirs - (this.best?.offset ?? 0);
  }

  private get best() {
    return this.samples.reduce<{ readonly offset: number; readonly trip: number } | undefined>((best, sample) => (best && best.trip <= sample.trip ? best : sample), undefined);
  }
}
