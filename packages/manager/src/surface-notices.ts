/**
 * What a running plugin says of changes of its tools. It may say so at any rate: however often it does, it is looked at one time after
 * the other, and once more when it spoke meanwhile.
 */
export class SurfaceNotices {
  #look: (() => Promise<void>) | undefined;
  #isLooking = false;
  #hasSpoken = false;

  /** It says that they are others now. */
  tell(): void {
    this.#hasSpoken = true;
    void this.#follow();
  }

  /** Says how to look; what was said before is looked at now. `look` does not reject. */
  listen(look: () => Promise<void>): void {
    this.#look = look;
    void this.#follow();
  }

  async #follow(): Promise<void> {
    if (!this.#look || this.#isLooking) return;
    this.#isLooking = true;
    while (this.#hasSpoken) {
      this.#hasSpoken = false;
      // oxlint-disable-next-line no-await-in-loop -- one time after the other
      await this.#look();
    }
    this.#isLooking = false;
  }
}
