import { type ReactNode, useId } from "react";
import classes from "../policies.module.css";

/** A name above several inputs that belong together. */
export function Labelled({ label, children }: { label: string; children: ReactNode }) {
  const id = useId();
  return (
    <div role="group" aria-labelledby={id}>
      <div id={id} className={classes.label}>
        {label}
      </div>
      {children}
    </div>
  );
}
