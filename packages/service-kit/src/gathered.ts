const NOTHING: Buffer = Buffer.alloc(0);

/**
 * Bytes that come in pieces, kept as one. A list of pieces of a few bytes takes a hundred times what they hold, and who
 * sends them chooses their size; this takes twice at the most. A single piece is kept as it came, without copying.
 */
export class Gathered {
  private room: Buffer = NOTHING;
  private isOwn = false;
  private size = 0;

  get length(): number {
    return this.size;
  }

  /** All so far. What is added later does not change it. */
  get bytes(): Buffer {
    return this.size === this.room.length ? this.room : this.room.subarray(0, this.size);
  }

  add(piece: Buffer): void {
    const size = this.size + piece.length;
    if (this.size === 0) {
      this.room = piece;
      this.isOwn = false;
    } else {
      if (!this.isOwn || size > this.room.length) this.move(2 * size);
      piece.copy(this.room, this.size);
    }
    this.size = size;
  }

  /** @returns all so far, of which nothing is kept */
  take(): Buffer {
    const { bytes } = this;
    this.room = NOTHING;
    this.size = 0;
    return bytes;
  }

  private move(length: number): void {
    const room = Buffer.allocUnsafe(length);
    this.room.copy(room, 0, 0, this.size);
    this.room = room;
    this.isOwn = true;
  }
}
