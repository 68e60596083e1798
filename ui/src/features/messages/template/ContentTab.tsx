/** What the message says, beside how it looks. */
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useFormat } from "@/design/useFormat";
import { NamesContext } from "../blocks/TextEditor";
import { OtherForm } from "../channels/OtherForm";
import { wordsQuery } from "../data";
import { PreviewPane } from "../preview/PreviewPane";
import type { TemplateSearch } from "../routes";
import type { EditorProps } from "./context";
import { Findings } from "./Findings";
import { MailEditor } from "./MailEditor";
import classes from "./template.module.css";

export type ContentProps = EditorProps & {
  /** Where a finding leads. */
  jump: { path: string } | null;
  search: TemplateSearch;
  onSearch: (part: TemplateSearch) => void;
};

export function ContentTab(props: ContentProps) {
  const format = useFormat();
  const words = useQuery(wordsQuery);
  const { fields } = props.draft.body;
  const names = useMemo(
    () => ({
      fields: Object.entries(fields).map(([name, one]) => ({
        name,
        label: format.label(one.label),
      })),
      always: words.data?.names ?? [],
    }),
    [fields, words.data, format],
  );
  return (
    <NamesContext value={names}>
      {props.draft.body.kind === "email" ? (
        <MailEditor {...props} />
      ) : (
        <div className={classes.two}>
          <div className={classes.form}>
            <Findings checks={props.checks.filter((one) => !one.path.startsWith("fields"))} />
            <OtherForm {...props} />
          </div>
          <PreviewPane {...props} />
        </div>
      )}
    </NamesContext>
  );
}
