import { countersignApp } from "./countersign-app.ts";
import { synth } from "./synth.ts";

synth(() => countersignApp().app);
