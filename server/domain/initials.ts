const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** The first letter that a reader sees of a text, in upper case where it has one; empty where there is none. */
function firstLetter(text: string): string {
  for (const { segment } of graphemes.segment(text)) {
    if (/[\p{L}\p{N}\p{S}]/u.test(segment)) return segment.toLocaleUpperCase('en');
  }
  return '';
}

/** A name as a group is shown it: the first name, and of the last name the initial. */
export interface ShownName {
  readonly name: string;
  /** One or two letters; `?` for someone without a name. */
  readonly initials: string;
}

/**
 * What a group sees of a participant. Of the last name no more than its initial: people who meet once know each other by
 * first names. Someone without a first name goes by the last, someone without both is a guest.
 */
export function shownName({
  firstName,
  lastName,
}: {
  readonly firstName: string;
  readonly lastName: string;
}): ShownName {
  const [first, last] = [firstLetter(firstName), firstLetter(lastName)];
  const initials = first + last || '?';
  if (firstName === '') return { name: lastName || 'Guest', initials };
  // In scripts without upper case, one character is no initial but often the whole name.
  const short = /\p{Lu}/u.test(last) ? `${last}.` : lastName;
  return { name: last === '' ? firstName : `${firstName} ${short}`, initials };
}
