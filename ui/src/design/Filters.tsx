import type { ReactNode } from "react";
import styles from "./Filters.module.css";

/** The row of filters above a table. Every filter's value belongs in the URL. */
export function Filters({ children, aside }: { children: ReactNode; aside?: ReactNode }) {
  return (
    <div className={styles.filters}>
      {children}
      {aside && <div className={styles.aside}>{aside}</div>}
    </div>
  );
}
