// Hands the reader a file made in the page; nothing is sent anywhere.
import { h } from "./dom";

export function saveFile(name: string, content: Blob): void {
  const address = URL.createObjectURL(content);
  h("a", { href: address, download: name }).click();
  // The browser reads the address after this function returns.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
