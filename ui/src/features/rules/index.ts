export type { Offer } from "./builder/context";
export { Count, PreviewPanel } from "./builder/PreviewPanel";
export { RuleBuilder } from "./builder/RuleBuilder";
export { catalogQuery } from "./data";
export type { Envelope, Fault, JsonObject } from "./model/json";
export { RuleWorkbench } from "./RuleWorkbench";
