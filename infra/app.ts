import { countersignApp } from "./countersign-app.ts";

countersignApp().app.synth();
