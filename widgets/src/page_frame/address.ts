// The one scheme of addresses: "#section?step=3&…" says which section is read, and what differs from how it opened.

export interface Address {
  /** The mark of a heading, or nothing at the start of the page. */
  section: string;
  /** Settings by name, in the order in which they stand. */
  settings: Map<string, string>;
}

/** Reads the part of an address that begins with "#". What cannot be read is left out. */
export function readAddress(hash: string): Address {
  const [section, ...rest] = hash.replace(/^#/, "").split("?");
  return { section: decode(section), settings: new Map(new URLSearchParams(rest.join("?"))) };
}

/** The part of an address that begins with "#"; nothing where there is nothing to say. */
export function writeAddress({ section, settings }: Address): string {
  const tail = new URLSearchParams([...settings]).toString();
  if (!section && !tail) return "";
  return `#${encodeURIComponent(section)}${tail ? `?${tail}` : ""}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Changes the page's address in place: no new entry for the browser's own Back, and no jump. */
export function changeAddress(change: (address: Address) => Address, state: unknown = history.state): void {
  const next = writeAddress(change(readAddress(location.hash)));
  if (next === location.hash && state === history.state) return;
  history.replaceState(state, "", next || `${location.pathname}${location.search}`);
}
