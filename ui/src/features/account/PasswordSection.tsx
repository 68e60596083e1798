import { Button, PasswordInput, Stack } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useRefreshSession } from "@/app/session";
import { call } from "@/client/http";
import { Section } from "@/design/Page";
import { ErrorState } from "@/design/states";
import { told } from "@/design/undo";
import { NewPassword } from "@/features/signin/NewPassword";

/** Changing the password signs out every other browser. */
export function PasswordSection() {
  const { t } = useTranslation("account");
  const client = useQueryClient();
  const refresh = useRefreshSession();
  const [open, setOpen] = useState(false);
  const [current, setCurrent] = useState("");
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const change = useMutation({
    mutationFn: () =>
      call("POST", "/api/auth/password/change", {
        body: { old_password: current, new_password: password },
      }),
    onSuccess: async () => {
      setOpen(false);
      setCurrent("");
      setPassword("");
      setAgain("");
      await refresh();
      await client.invalidateQueries({ queryKey: ["account"] });
      told(t("password.changed"));
    },
  });
  return (
    <Section title={t("password.title")}>
      {open ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            change.mutate();
          }}
        >
          <Stack gap="sm" maw={400}>
            <PasswordInput
              label={t("password.current")}
              autoComplete="current-password"
              required
              withAsterisk={false}
              autoFocus
              value={current}
              onChange={(event) => setCurrent(event.currentTarget.value)}
              visibilityToggleButtonProps={{ "aria-label": t("password.show") }}
            />
            <NewPassword value={password} again={again} onValue={setPassword} onAgain={setAgain} />
            {change.error && <ErrorState error={change.error} inline />}
            <div>
              <Button
                type="submit"
                loading={change.isPending}
                disabled={!current || !password || password !== again}
              >
                {t("password.submit")}
              </Button>
            </div>
          </Stack>
        </form>
      ) : (
        <Button variant="default" onClick={() => setOpen(true)}>
          {t("password.open")}
        </Button>
      )}
    </Section>
  );
}
