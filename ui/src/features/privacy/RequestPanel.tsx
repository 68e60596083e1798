import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { Facts } from "@/design/Facts";
import { RightPanel } from "@/design/RightPanel";
import { StatusBadge } from "@/design/StatusBadge";
import { Ready } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { Due } from "./Due";
import { type RequestDetail, requestQuery, STATE_TONES } from "./data";
import { ErasureSection } from "./ErasureSection";
import { NextStep } from "./NextStep";
import styles from "./privacy.module.css";

/** One request: what was asked, what is to be done next, what was done. */
export function RequestPanel({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation("privacy");
  const may = useMay();
  const query = useQuery(requestQuery(id));
  const found = query.data;
  return (
    <RightPanel
      title={found ? t("panel", { kind: t(`kind.${found.kind}`) }) : t("title")}
      lead={found && <Due row={found} />}
      onClose={onClose}
    >
      <Ready query={query}>
        {(request) => (
          <>
            <About request={request} />
            {request.erasure && <ErasureSection erasure={request.erasure} requestId={request.id} />}
            {may("privacy.write") && <NextStep request={request} />}
            <History request={request} />
          </>
        )}
      </Ready>
    </RightPanel>
  );
}

function About({ request }: { request: RequestDetail }) {
  const { t } = useTranslation("privacy");
  const format = useFormat();
  const may = useMay();
  const facts = [
    {
      label: t("state.label"),
      value: (
        <StatusBadge tone={STATE_TONES[request.state]}>{t(`state.${request.state}`)}</StatusBadge>
      ),
    },
    {
      label: t("person"),
      value: request.erased ? (
        <span className="muted">{t("erased")}</span>
      ) : may("customers.read") ? (
        <Anchor component={Link} to={`/customers/${request.person}`} size="sm">
          {request.display || request.key}
        </Anchor>
      ) : (
        request.display || request.key
      ),
      note: !request.erased && request.display ? request.key : undefined,
    },
    {
      label: t("received"),
      value: format.plainDate(request.received_on),
      note: t(`via.${request.via}`),
    },
  ];
  if (request.wording) facts.push({ label: t("wording"), value: <Words text={request.wording} /> });
  if (request.check_method) {
    facts.push({
      label: t("check.label"),
      value: <>{t(`check.${request.check_method}`)}</>,
      note: request.check_note || undefined,
    });
  }
  if (request.answer) {
    facts.push({
      label: t(request.state === "answered" ? "answer.label" : "reason"),
      value: <Words text={request.answer} />,
    });
  }
  return (
    <>
      <Facts facts={facts} />
      {request.stopped && <p className={styles.note}>{t("stopped")}</p>}
    </>
  );
}

function Words({ text }: { text: string }) {
  return <span className={styles.words}>{text}</span>;
}

function History({ request }: { request: RequestDetail }) {
  const { t } = useTranslation("privacy");
  const format = useFormat();
  return (
    <>
      <h3 className={styles.part}>{t("history")}</h3>
      <ul className={styles.history}>
        {request.steps.map((step) => (
          <li key={`${step.at}${step.action}`}>
            <span>{t(`did.${step.action}`, { defaultValue: step.action })}</span>
            <span className="muted">
              {format.dateTime(step.at)}
              {step.by.id !== "system" && ` · ${step.by.name}`}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
