/**
 * Takes turns by weight, evenly spread: weights 3 and 1 give a a b a, not a a a b. (The smooth
 * weighted round robin that nginx made known.)
 */
export class WeightedRotation<Item> {
  private readonly entries: { readonly item: Item; readonly weight: number; credit: number }[];
  private readonly total: number;

  constructor(items: readonly { readonly item: Item; readonly weight: number }[]) {
    this.entries = items
      .filter(({ weight }) => weight > 0)
      .map(({ item, weight }) => ({ item, weight, credit: 0 }));
    this.total = this.entries.reduce((sum, { weight }) => sum + weight, 0);
  }

  /** Undefined when every weight is zero. */
  next(): Item | undefined {
    for (const entry of this.entries) entry.credit += entry.weight;
    const [first, ...rest] = this.entries;
    if (first === undefined) return undefined;
    const chosen = rest.reduce((best, entry) => (entry.credit > best.credit ? entry : best), first);
    chosen.credit -= this.total;
    return chosen.item;
  }
}
