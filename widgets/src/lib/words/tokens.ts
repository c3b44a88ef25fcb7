// Sentences cut into words, as vocabularies of words are made. Follows rnnviz.data.split_words.

const TOKEN =
  /(?<special>\[(?:NUM|URL|UNK)\])|(?<url>(?:https?:\/\/|www\.)\S+?(?=[.,;:!?)]*(?:\s|$)))|(?<number>\d+(?:[.,:]\d+)*%?)|[\p{L}\p{M}]+(?:['’-][\p{L}\p{M}]+)*|[.,;:!?]/gu;

/** A piece of a sentence, and the word it is read as. */
export interface Piece {
  typed: string;
  token: string;
}

/** Lower-case words and punctuation marks, with [NUM] and [URL] where the vocabulary has them. */
export function cutWords(text: string, known: ReadonlySet<string>): Piece[] {
  return [...text.matchAll(TOKEN)].map((match) => {
    const { url, number } = match.groups!;
    const typed = match[0];
    if (url !== undefined && known.has("[URL]")) return { typed, token: "[URL]" };
    if (number !== undefined && known.has("[NUM]")) return { typed, token: "[NUM]" };
    const word = typed.replaceAll("’", "'");
    return { typed, token: known.has(word) ? word : word.toLowerCase() };
  });
}
