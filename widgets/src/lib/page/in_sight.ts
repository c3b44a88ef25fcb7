// Results that come to stand below the window are no answer: whatever was just asked for is brought into sight.

/** Scrolls as little as shows all of an element, or its beginning where it is higher than the window. */
export function bringIntoSight(element: HTMLElement): void {
  const fits = element.getBoundingClientRect().height < window.innerHeight * 0.75;
  // Where nothing is laid out, there is nothing to scroll.
  element.scrollIntoView?.({ block: fits ? "nearest" : "start", behavior: "instant" });
}
