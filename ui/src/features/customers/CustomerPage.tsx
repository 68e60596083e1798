import { Anchor, Button, Menu } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { Page } from "@/design/Page";
import { ErrorState, Loading } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import styles from "./customer.module.css";
import { personQuery, restrictionsQuery } from "./data";
import { FactsPart } from "./FactsPart";
import { GateStrip } from "./GateStrip";
import { Holdings, nameOf, RowsPanel } from "./Holdings";
import { ReleasePanel } from "./ReleasePanel";
import { Holds, Restrictions } from "./Restrictions";
import { RestrictPanel } from "./RestrictPanel";
import type { CustomerSearch } from "./routes";
import { Standing } from "./Standing";
import { Timeline } from "./Timeline";
import { type Person, RESTRICTS, type Restriction } from "./types";
import { useValue } from "./useValue";

export function CustomerPage() {
  const { t } = useTranslation("customers");
  const { customerId } = useParams({ from: "/frame/customers/$customerId" });
  const may = useMay();
  const person = useQuery(personQuery(customerId));
  const restrictions = useQuery({ ...restrictionsQuery(customerId), enabled: may("gate.read") });
  const back = (
    <Anchor component={Link} to="/customers" size="sm">
      {t("title")}
    </Anchor>
  );
  // What may not be done stands at the top: nothing is shown until it is known.
  if (person.data && !restrictions.isLoading) {
    return <Loaded key={customerId} person={person.data} restrictions={restrictions} back={back} />;
  }
  return (
    <Page title={t("one")} above={back}>
      {person.error ? (
        <ErrorState error={person.error} onRetry={() => void person.refetch()} />
      ) : (
        <Loading lines={[40, 100, 60, 100, 100, 80, 100]} />
      )}
    </Page>
  );
}

interface LoadedProps {
  person: Person;
  restrictions: UseQueryResult<Restriction[]>;
  back: React.ReactNode;
}

function Loaded({ person, restrictions, back }: LoadedProps) {
  const { t } = useTranslation("customers");
  const may = useMay();
  const search = useSearch({ from: "/frame/customers/$customerId" });
  const navigate = useNavigate({ from: "/customers/$customerId" });
  const change = (part: CustomerSearch) =>
    void navigate({ search: (old: CustomerSearch) => ({ ...old, ...part }) });
  const releasing = restrictions.data?.find((one) => one.id === search.release);
  const rows = person.related.find((one) => one.relation === search.rows);
  return (
    <Page
      title={person.display ?? person.key}
      above={back}
      lead={<Identity person={person} />}
      others={
        may("gate.restrict") && (
          <Menu position="bottom-end">
            <Menu.Target>
              <Button variant="default" rightSection={<IconChevronDown size={14} />}>
                {t("restrict.open")}
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              {RESTRICTS.map((one) => (
                <Menu.Item key={one} onClick={() => change({ restrict: one })}>
                  {t(`restrict.${one}.open`)}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        )
      }
    >
      <div className={styles.head}>
        <Holds
          restrictions={restrictions.data ?? []}
          onRelease={may("gate.release") ? (id) => change({ release: id }) : undefined}
        />
        {may("gate.read") && (
          <GateStrip
            id={person.id}
            purpose={search.purpose}
            onPurpose={(purpose) => change({ purpose })}
          />
        )}
      </div>
      <div className={styles.grid}>
        <div className={styles.facts}>
          <FactsPart person={person} />
          <Holdings person={person} onOpen={(relation) => change({ rows: relation })} />
        </div>
        <div className={styles.centre}>
          <Timeline person={person} show={search.show} onShow={(show) => change({ show })} />
        </div>
        <div className={styles.side}>
          <Standing id={person.id} />
          <Restrictions
            query={restrictions}
            onRelease={may("gate.release") ? (id) => change({ release: id }) : undefined}
          />
        </div>
      </div>
      {search.restrict && (
        <RestrictPanel
          key={search.restrict}
          person={person}
          type={search.restrict}
          onClose={() => change({ restrict: undefined })}
        />
      )}
      {releasing && (
        <ReleasePanel
          person={person}
          restriction={releasing}
          onClose={() => change({ release: undefined })}
        />
      )}
      {rows && (
        <RowsPanel person={person} related={rows} onClose={() => change({ rows: undefined })} />
      )}
    </Page>
  );
}

/** Kana, number, branch and owner in one line. */
function Identity({ person }: { person: Person }) {
  const { t } = useTranslation("customers");
  const write = useValue();
  const format = useFormat();
  const told = ["person_kana", "birth_date"]
    .map((meaning) => person.fields.find((field) => field.meaning === meaning))
    .flatMap((field) => {
      const text = field ? write(field, field.value) : null;
      return field && text && text !== person.display ? [text] : [];
    });
  // Whom she belongs to: branch, owner, household, as far as one row says it.
  const ties = person.related.flatMap((one) => {
    const text = one.many ? null : nameOf(one, write);
    return text ? [`${format.label(one.label)} ${text}`] : [];
  });
  const parts = [t("number", { key: person.key }), ...told, ...ties.slice(0, 3)];
  return (
    <span className={styles.identity}>
      {parts.map((part) => (
        <span key={part}>{part}</span>
      ))}
    </span>
  );
}
