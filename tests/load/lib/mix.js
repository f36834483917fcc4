// Which operation an iteration does: shares that hold exactly, in an order that is the same in each run.

import { turn } from './turns.js';

const SEED = 20;

/** Numbers from 0 to 1, the same for each run: mulberry32, https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
function numbers(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

function greatestCommonDivisor(one, other) {
  return other === 0 ? one : greatestCommonDivisor(other, one % other);
}

/** As few cards as keep the shares, shuffled: dealt over and over, each round has the exact mix. */
function deck(shares) {
  const part = Object.values(shares).reduce(greatestCommonDivisor);
  const cards = Object.entries(shares).flatMap(([name, share]) => Array(share / part).fill(name));
  const next = numbers(SEED);
  for (let last = cards.length - 1; last > 0; last -= 1) {
    const other = Math.floor(next() * (last + 1));
    [cards[last], cards[other]] = [cards[other], cards[last]];
  }
  return cards;
}

/** A function of operations by name with their shares in percent, that does the one whose turn it is. */
export function mix(operations) {
  const shares = Object.fromEntries(Object.entries(operations).map(([name, [share]]) => [name, share]));
  const total = Object.values(shares).reduce((sum, share) => sum + share, 0);
  if (total !== 100) {
    throw new Error(`shares add up to ${total} and not to 100: ${JSON.stringify(shares)}`);
  }
  const cards = deck(shares);
  return (data) => operations[cards[turn() % cards.length]][1](data);
}
