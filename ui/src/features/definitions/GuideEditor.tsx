/** The talk guide in Markdown, with what representatives will see beside it. */
import { Textarea } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Section } from "@/design/Page";
import { Guide } from "../lists/Guide";
import type { EditorProps } from "./DefinitionPage";
import classes from "./editor.module.css";

export function GuideEditor({ body, onChange, readOnly }: EditorProps) {
  const { t } = useTranslation("definitions");
  return (
    <Section title={t("section.guide")} aside={<span className="muted">{t("guide.lead")}</span>}>
      <div className={classes.guide}>
        <Textarea
          label={t("guide.markdown")}
          placeholder={t("guide.example")}
          autosize
          minRows={16}
          maxRows={40}
          readOnly={readOnly}
          value={body.talk_guide}
          onChange={(event) => onChange({ ...body, talk_guide: event.currentTarget.value })}
        />
        <div>
          <p className={classes.valueLabel}>{t("guide.preview")}</p>
          {body.talk_guide ? (
            <Guide text={body.talk_guide} />
          ) : (
            <p className="muted">{t("guide.empty")}</p>
          )}
        </div>
      </div>
    </Section>
  );
}
