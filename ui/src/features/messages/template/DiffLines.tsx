import { useTranslation } from "react-i18next";
import type { DiffLine } from "../types";
import classes from "./template.module.css";

const SIGNS = { same: " ", added: "+", removed: "−" } as const;

/** A text line by line: what went is struck through, what came is marked. */
export function DiffLines({ lines }: { lines: readonly DiffLine[] }) {
  const { t } = useTranslation("messages");
  return (
    <div className={classes.lines}>
      {lines.map((line, index) => (
        <div key={index} className={classes.line} data-op={line.op}>
          <span className={classes.sign} aria-hidden>
            {SIGNS[line.op]}
          </span>
          {line.op === "same" ? (
            <span>{line.text || " "}</span>
          ) : (
            <>
              <span className={classes.heard}>{t(`versions.${line.op}`)}</span>
              {line.op === "added" ? <ins>{line.text || " "}</ins> : <del>{line.text || " "}</del>}
            </>
          )}
        </div>
      ))}
    </div>
  );
}
