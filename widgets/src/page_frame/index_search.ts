// Finds sections of the lessons and words of the glossary in an index that Python has written.
import MiniSearch, { type SearchResult } from "minisearch";

export interface CourseIndex {
  pages: { address: string; title: string; number: string }[];
  /** `page` is a place in `pages`; `place` the mark of a heading, empty for the start of a page. */
  entries: { page: number; place: string; title: string; text: string }[];
}

export interface Found {
  address: string;
  title: string;
  /** Which lesson it is in. */
  where: string;
  /** What is written around the first hit, with the hits marked. */
  excerpt: { text: string; hit: boolean }[];
}

const MOST = 12;
const AROUND = 60;

/** Letters without their accents and in lower case, one for each letter of the text. */
const fold = (text: string) =>
  [...text]
    .map((letter) => (letter.length > 1 ? letter : letter.normalize("NFKD")[0].toLowerCase()[0]))
    .join("");

const words = (text: string) => fold(text).match(/[\p{L}\p{N}_]+/gu) ?? [];

export function makeSearch(index: CourseIndex): (query: string) => Found[] {
  const search = new MiniSearch({
    fields: ["title", "text"],
    tokenize: words,
    processTerm: (term) => term,
    searchOptions: {
      prefix: true,
      // One letter in five may be wrong, but none of a short word.
      fuzzy: (term) => (term.length > 4 ? 0.2 : false),
      boost: { title: 4 },
      combineWith: "AND",
    },
  });
  search.addAll(index.entries.map(({ title, text }, id) => ({ id, title, text })));
  return (query) => {
    let results = search.search(query);
    // Where no section has all of the words, the next best are those with some of them.
    if (results.length === 0) results = search.search(query, { combineWith: "OR" });
    return results.slice(0, MOST).map((result) => describe(index, result));
  };
}

function describe({ pages, entries }: CourseIndex, { id, terms }: SearchResult): Found {
  const { page, place, title, text } = entries[id as number];
  const { address, title: lesson, number } = pages[page];
  return {
    address: place ? `${address}#${encodeURIComponent(place)}` : address,
    title: title || lesson,
    where: number ? `Lesson ${Number(number)} · ${lesson}` : lesson,
    // Where the title says it already, the text is best read from its beginning.
    excerpt: cutExcerpt(text, terms, terms.some((term) => fold(title).includes(term)) ? 0 : null),
  };
}

/** A piece of a text around the first of some terms, or around another place, cut between words. */
export function cutExcerpt(
  text: string,
  terms: string[],
  around: number | null = null,
): { text: string; hit: boolean }[] {
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}_])(${terms.map(quote).join("|")})`, "gu");
  const folded = fold(text);
  const hits = terms.length > 0 ? [...folded.matchAll(pattern)] : [];
  const first = around ?? hits[0]?.index ?? 0;
  const from = first <= AROUND ? 0 : text.indexOf(" ", first - AROUND) + 1;
  const end = text.length <= from + 3 * AROUND ? text.length : text.lastIndexOf(" ", from + 3 * AROUND);
  const pieces: { text: string; hit: boolean }[] = [];
  const add = (start: number, stop: number, hit: boolean) => {
    if (stop > start) pieces.push({ text: text.slice(start, stop), hit });
  };
  let at = from;
  for (const { index, 0: hit } of hits) {
    if (index < at || index + hit.length > end) continue;
    add(at, index, false);
    add(index, index + hit.length, true);
    at = index + hit.length;
  }
  add(at, end, false);
  if (from > 0) pieces.unshift({ text: "… ", hit: false });
  if (end < text.length) pieces.push({ text: " …", hit: false });
  return pieces;
}

const quote = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
