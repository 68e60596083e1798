export { ApprovalsSection } from "./ApprovalsSection";
export { AskApproval } from "./AskApproval";
export { ConsentPanel } from "./ConsentPanel";
export { DecisionReasons } from "./DecisionReasons";
export { GateMatrix } from "./GateMatrix";
