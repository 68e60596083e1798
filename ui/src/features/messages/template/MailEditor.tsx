/** A mail: its structure left, how it looks in the middle, what is picked on the right. */
import { Button, SegmentedControl, UnstyledButton } from "@mantine/core";
import { IconMail } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "@/client/http";
import { Remark } from "@/design/StatusBadge";
import { ErrorState } from "@/design/states";
import { BlockList } from "../blocks/BlockList";
import blockClasses from "../blocks/blocks.module.css";
import { Inspector } from "../blocks/Inspector";
import { SourceEditor } from "../blocks/SourceEditor";
import { useBlocks } from "../blocks/useBlocks";
import { type Design, type EmailBody, THEME, writeBody } from "../model/body";
import { keyAt } from "../model/reading";
import { PreviewPane } from "../preview/PreviewPane";
import type { ContentProps } from "./ContentTab";
import classes from "./template.module.css";

export function MailEditor(props: ContentProps) {
  const { draft, checks, readOnly, jump } = props;
  const { t } = useTranslation("messages");
  const blocks = useBlocks(draft);
  const body = draft.body as EmailBody;
  const source = "mjml" in body.design;
  const onBody = (next: EmailBody, mark: string) => draft.change(() => next, mark);
  const jumped = useRef<typeof jump>(null);
  useEffect(() => {
    if (!jump || jumped.current === jump) return;
    jumped.current = jump;
    const key = keyAt(blocks.blocks, jump.path);
    if (key) blocks.goTo(key);
    else blocks.pick(null);
  }, [jump, blocks]);
  return (
    <div className={classes.three} data-source={source || undefined}>
      <div className={classes.structure}>
        <Mode {...props} body={body} />
        {"mjml" in body.design ? (
          <SourceEditor
            value={body.design.mjml}
            readOnly={readOnly}
            checks={checks}
            onChange={(mjml) => onBody({ ...body, design: { mjml } }, "mjml")}
          />
        ) : (
          <>
            <UnstyledButton
              className={classes.whole}
              aria-pressed={blocks.picked === null}
              data-on={blocks.picked === null || undefined}
              onClick={() => blocks.pick(null)}
            >
              <IconMail size={16} stroke={1.6} aria-hidden />
              <span className={blockClasses.text}>{body.subject || t("mail.title")}</span>
            </UnstyledButton>
            <BlockList blocks={blocks} checks={checks} readOnly={readOnly} />
          </>
        )}
      </div>
      <PreviewPane
        {...props}
        onBlock={
          source
            ? undefined
            : (path) => {
                const key = keyAt(blocks.blocks, path);
                if (key) blocks.goTo(key);
              }
        }
      />
      <div className={classes.inspector}>
        <Inspector
          body={body}
          onBody={onBody}
          blocks={blocks}
          checks={checks}
          readOnly={readOnly}
        />
      </div>
    </div>
  );
}

/** Blocks or their source. Going to the source is a way that leads back only to what was left. */
function Mode({ draft, body, readOnly }: ContentProps & { body: EmailBody }) {
  const { t } = useTranslation("messages");
  const [asking, setAsking] = useState(false);
  const left = useRef<Design | null>(null);
  const source = "mjml" in body.design;
  const drawn = useMutation({
    mutationFn: () => {
      const { design } = writeBody(body) as { design: { blocks: unknown; theme: unknown } };
      return call<{ mjml: string }>("POST", "/api/templates/mjml", {
        body: {
          blocks: design.blocks,
          theme: design.theme,
          preheader: body.preheader,
          language: body.language,
        },
      });
    },
    onSuccess: ({ mjml }) => {
      left.current = body.design;
      setAsking(false);
      draft.change((old) => (old.kind === "email" ? { ...old, design: { mjml } } : old));
    },
  });
  const back = () => {
    const design = left.current ?? { blocks: [], theme: THEME };
    setAsking(false);
    draft.change((old) => (old.kind === "email" ? { ...old, design } : old));
  };
  return (
    <>
      <SegmentedControl
        fullWidth
        size="xs"
        aria-label={t("mode.label")}
        readOnly={readOnly}
        value={source ? "source" : "blocks"}
        data={(["blocks", "source"] as const).map((one) => ({
          value: one,
          label: t(`mode.${one}`),
        }))}
        onChange={(next) => setAsking(next !== (source ? "source" : "blocks"))}
      />
      {asking && (
        <div className={classes.asking} role="alert">
          <Remark tone="warn">
            {t(source ? (left.current ? "mode.backText" : "mode.emptyText") : "mode.sourceText")}
          </Remark>
          {drawn.error && <ErrorState error={drawn.error} inline />}
          <div className={classes.choices}>
            <Button
              size="compact-sm"
              loading={drawn.isPending}
              onClick={() => (source ? back() : drawn.mutate())}
            >
              {t(source ? "mode.back" : "mode.go")}
            </Button>
            <Button size="compact-sm" variant="default" onClick={() => setAsking(false)}>
              {t("mode.stay")}
            </Button>
          </div>
        </div>
      )}
    </>
  );
}
