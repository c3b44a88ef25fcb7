// Asks Python for the recording that a widget shows, as the file that `rv.load` reads.
import type { AnyModel } from "@anywidget/types";
import { isSaved } from "./kernel";

/** How long Python may take to write and send it. */
const PATIENCE = 60_000;

export function askRecording(model: AnyModel): Promise<Blob> {
  if (isSaved(model))
    return Promise.reject(
      new Error("This page was saved without Python, which has the recording. Open it with rnnviz."),
    );
  return new Promise((resolve, reject) => {
    const received = (content: { kind?: string; message?: string }, buffers: DataView[]) => {
      if (content.kind !== "recording") return;
      stop();
      if (content.message) reject(new Error(content.message));
      // A copy, in a buffer of its own, is what a file may be made of.
      else resolve(new Blob(buffers.map(copyBytes), { type: "application/x-netcdf" }));
    };
    const alarm = window.setTimeout(() => {
      stop();
      reject(new Error("Python does not answer. It may be busy, or its kernel may have ended."));
    }, PATIENCE);
    function stop(): void {
      clearTimeout(alarm);
      model.off("msg:custom", received);
    }
    model.on("msg:custom", received);
    model.send({ kind: "recording" });
  });
}

const copyBytes = ({ buffer, byteOffset, byteLength }: DataView): Uint8Array<ArrayBuffer> =>
  new Uint8Array(buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer);
