import pg from 'pg';

const int8 = 20;

/** Reads `bigint` as a number, for our connections alone. None of ours reaches 2⁵³; one that did is an error. */
export const readsInt8AsNumber = {
  getTypeParser(oid: number, format?: 'text' | 'binary'): unknown {
    return oid === int8 ? exactNumber : pg.types.getTypeParser(oid, format as 'text');
  },
};

function exactNumber(digits: string): number {
  const number = Number(digits);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${digits} is too large a number`);
  return number;
}
