/** A binary buffer as floats; a copy, because floats begin at multiples of four and a message need not. */
export function copyFloats(view: DataView): Float32Array {
  return new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
}
