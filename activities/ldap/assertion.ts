import { BerWriter, Control, EqualityFilter } from 'ldapts';

/** RFC 4528: the server carries a request out only if a filter holds for the entry at that moment. */
export const assertionType = '1.3.6.1.1.12';

/** Asserts that an attribute of the entry has a value. Critical: a server that does not know it refuses. */
export class AssertionControl extends Control {
  readonly #filter: EqualityFilter;

  constructor(attribute: string, value: string) {
    super(assertionType, { critical: true });
    this.#filter = new EqualityFilter({ attribute, value });
  }

  protected override writeControl(writer: BerWriter): void {
    const filter = new BerWriter();
    this.#filter.write(filter);
    writer.writeBuffer(filter.buffer, 4);
  }
}
