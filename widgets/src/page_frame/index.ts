// What stands around a page of the course: contents, search, where the reader is, and how far.
import { startContents } from "./contents";
import { startFinder } from "./finder";
import { startGallery } from "./gallery";
import { startPlace } from "./place";
import { startState } from "./state";
import { startVeils } from "./veil";

const { index = "" } = (document.currentScript as HTMLElement).dataset;
startContents();
startFinder(index);
startPlace();
startState();
startVeils();
startGallery();
