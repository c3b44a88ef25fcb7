// Tests share their worker: each file would else load jsdom anew, which took most of the time. So what a test puts in
// the place of a global, or of the clock, it takes back.
import { defineConfig } from "vitest/config";

export default defineConfig({ test: { pool: "threads", isolate: false } });
