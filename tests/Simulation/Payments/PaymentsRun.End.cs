using Quoin.Payments;
using Quoin.Platform;

namespace Quoin.Tests.Simulation.Payments;

/// <content>How it comes to rest, and what must be so then.</content>
internal sealed partial class PaymentsRun
{
    private const int RoundsMax = 20;

    // Leases lapse, pages end, and each loop comes round at least once.
    private static readonly TimeSpan[] Waits =
    [
        TimeSpan.FromSeconds(130), TimeSpan.FromSeconds(130), TimeSpan.FromSeconds(130), TimeSpan.FromMinutes(20),
        TimeSpan.FromHours(1), TimeSpan.FromHours(7), TimeSpan.FromHours(26), TimeSpan.FromHours(26), TimeSpan.FromMinutes(61),
    ];

    // Nothing goes wrong any more, all that was sent arrives, and every loop has its time.
    private async Task ComeToRest()
    {
        Tell("everything comes to rest");
        isFaulty = false;
        while (callers.Count > 0)
        {
            await GoOn(callers[0]);
            Gather();
        }

        await Rest();
        foreach (var wait in Waits)
        {
            clock.Advance(wait);
            Tell($"{wait} pass");
            await Rest();
        }
    }

    private async Task Rest()
    {
        for (var round = 0; round < RoundsMax; round++)
        {
            Gather();
            var sent = news.ToList();
            news.Clear();
            foreach (var one in sent)
            {
                await Deliver(one);
            }

            await replicas[0].Get<Pumps>().RunUntilIdle("payments.webhooks", CancellationToken.None);
            var ran = await replicas[1].Get<JobRunner>().RunDue(CancellationToken.None);
            Gather();
            if (news.Count == 0 && ran == 0)
            {
                return;
            }
        }

        throw new InvalidOperationException("It does not come to rest.");
    }

    private async Task Check()
    {
        await ShowAll();
        await CheckWork();
        CheckPaidOnce();
        await CheckSubscriptions();
        await CheckInvoices();
        await CheckPayments();
        await CheckRefunds();
        await CheckDisputes();
        await CheckBooks();
    }

    private async Task ShowAll()
    {
        await Show(
            "news",
            """
            select concat_ws(' ', event_type, provider_event_id, provider_object_id, provider_created_at, state, effect, finished_at)
            from payments.webhook_events
            order by webhook_event_id
            """);
        await Show(
            "payment",
            """
            select concat_ws(' ', provider_payment_id, kind, status, amount_minor, refunded_minor,
                coalesce(provider_charge_id, 'no charge'), created_at, updated_at)
            from payments.payments
            order by payment_id
            """);
        await Show(
            "posted",
            "select concat_ws(' ', kind, source, clearing_minor, key) from payments.postings order by transfer_id");
        await Show(
            "moved",
            """
            select concat_ws(' ', kind, provider_move_id, source, amount_minor, fee_minor, coalesce(payout, '-'), moved_at,
                case when org_id is null then 'of nobody' end, case when booked_at is null then 'not booked' end)
            from payments.balance_moves
            order by provider_move_id
            """);
        await Show(
            "paid out",
            """
            select concat_ws(' ', provider_payout_id, status, amount_minor, booked_at, reversed_at)
            from payments.payouts
            order by provider_payout_id
            """);
    }

    private async Task CheckWork()
    {
        await ShouldBeNone(
            "jobs that fail",
            """
            select concat_ws(' ', name, state, last_error)
            from platform.jobs
            where state = 'dead'
               or (last_error is not null and attempts > 0)
            """);

        // Requests are forgotten after thirty days. No provider tells of an end so late, nor is there anything to do then;
        // the program is right to say that it does not know the page.
        await ShouldBeNone(
            "news that is not done with",
            """
            select concat_ws(' ', event_type, provider_event_id, state, error)
            from payments.webhook_events
            where state <> 'processed'
              and not (event_type = 'checkout.session.expired'
                  and error like 'checkout_session_correlation_mismatch: %its operation is not known.'
                  and received_at > provider_created_at + interval '29 days')
            """);
        await ShouldBeNone(
            "requests that pend",
            "select action || ' ' || client_key from payments.requests where status = 'pending'");
        await ShouldBeNone(
            "checkouts that block",
            """
            select flow || ' ' || status
            from payments.checkouts
            where status in ('open', 'completed_pending_subscription', 'recovery_verification_pending')
            """);
        await ShouldBeNone(
            "remediations that are open",
            "select concat_ws(' ', status, error) from payments.remediations where status <> 'succeeded'");

        // Who asks twice may pay twice, when the first page is long over by the clock and nobody heard that it was paid.
        await ShouldBeNone(
            "findings",
            "select concat_ws(' ', kind, subject, detail) from payments.findings where kind <> 'duplicate_paid'");
    }

    // What was asked for once has one page and is paid once.
    private void CheckPaidOnce()
    {
        // A link is paid by whoever finds it.
        var links = stripe.All("payment_link").Select(one => (string?)one["metadata"]?["operation_key"]).ToHashSet();
        var paid = stripe.All("payment_intent")
            .Where(intent => (string?)intent["status"] == "succeeded" && intent["metadata"]?["operation_key"] is not null)
            .Where(intent => !links.Contains((string?)intent["metadata"]!["operation_key"]))
            .GroupBy(intent => (string)intent["metadata"]!["operation_key"]!);
        foreach (var operation in paid)
        {
            operation.Count().ShouldBe(1, $"payments of {operation.Key}");
        }

        var pages = stripe.All("checkout.session").Where(one => one["payment_link"] is null);
        foreach (var operation in pages.GroupBy(one => (string?)one["metadata"]?["operation_key"]))
        {
            operation.Count().ShouldBe(1, $"checkouts of {operation.Key}");
        }

        stripe.All("subscription").Count(one => !HasEnded((string?)one["status"]))
            .ShouldBeLessThan(2, "subscriptions at the provider");
    }

    private async Task CheckSubscriptions()
    {
        var said = stripe.All("subscription")
            .Select(one => $"{one["id"]} {one["status"]} {(HasEnded((string?)one["status"]) ? "ended" : "current")}");
        await ShouldBeSame(
            "subscriptions",
            """
            select concat_ws(' ', provider_subscription_id, provider_status, case when is_current then 'current' else 'ended' end)
            from payments.subscriptions
            """,
            said);
    }

    private Task CheckInvoices() => ShouldBeSame(
        "invoices",
        "select concat_ws(' ', provider_invoice_id, status, paid_minor, remaining_minor) from payments.invoices",
        stripe.All("invoice").Select(one => $"{one["id"]} {one["status"]} {one["amount_paid"]} {one["amount_remaining"]}"));

    private async Task CheckPayments()
    {
        var paid = stripe.All("payment_intent").Where(one => (string?)one["status"] == "succeeded").ToList();
        await ShouldBeSame(
            "payments",
            "select concat_ws(' ', provider_payment_id, amount_minor) from payments.payments where status = 'succeeded'",
            paid.Select(one => $"{one["id"]} {one["amount_received"]}"));

        // Money for credit is credit, once.
        await ShouldBeSame(
            "credit",
            """
            select concat_ws(' ', purchase.provider_payment_id, posting.clearing_minor)
            from payments.purchases purchase
            join payments.postings posting on posting.org_id = purchase.org_id and posting.grant_id = purchase.grant_id
            """,
            paid.Where(one => (string?)one["metadata"]?["purpose"] == "top_up").Select(one => $"{one["id"]} {one["amount_received"]}"));
    }

    private async Task CheckRefunds()
    {
        // One that failed and is tried again is another refund at the provider, and the same one here.
        var named = (await Rows("select provider_refund_id from payments.refunds where provider_refund_id is not null")).ToHashSet();
        var triedAgain = (await Rows("select refund_id::text from payments.refunds where attempts > 1"))
            .Select(id => new RefundId(Guid.Parse(id)).ToString())
            .ToHashSet();
        await ShouldBeSame(
            "refunds",
            "select concat_ws(' ', provider_refund_id, status, amount_minor) from payments.refunds where provider_refund_id is not null",
            stripe.All("refund")
                .Where(one => (string?)one["status"] != "failed"
                    || named.Contains((string)one["id"]!)
                    || !triedAgain.Contains((string?)one["metadata"]?["refund_id"] ?? string.Empty))
                .Select(one => $"{one["id"]} {one["status"]} {one["amount"]}"));
        await ShouldBeSame(
            "what was given back",
            "select concat_ws(' ', provider_charge_id, refunded_minor) from payments.payments where refunded_minor <> 0",
            stripe.All("charge").Where(one => (long)one["amount_refunded"]! != 0).Select(one => $"{one["id"]} {one["amount_refunded"]}"));
        await ShouldBeNone(
            "refunds on their way",
            "select refund_id || ' ' || status from payments.refunds where status in ('approved', 'processing')");
    }

    private Task CheckDisputes() => ShouldBeSame(
        "disputes",
        """
        select concat_ws(' ', provider_dispute_id, case when status = 'evidence_due' then 'needs_response' else status end,
            amount_minor)
        from payments.disputes
        """,
        stripe.All("dispute").Select(one => $"{one["id"]} {WordOf((string)one["status"]!)} {one["amount"]}"));

    private static string WordOf(string dispute) => dispute == "under_review" ? "evidence_submitted" : dispute;

    // What the books have at the provider is what is there.
    private async Task CheckBooks()
    {
        var net = stripe.All("balance_transaction")
            .Where(one => (string?)one["type"] is not ("payout" or "payout_failure"))
            .Sum(one => (long)one["net"]!);
        var paidOut = stripe.All("payout").Where(one => (string?)one["status"] == "paid").Sum(one => (long)one["amount"]!);
        await ShouldBeSame(
            "money at the provider",
            """
            select coalesce(-sum(entry.amount_micros), 0)::text
            from ledger.entries entry
            join ledger.accounts account on account.org_id = entry.org_id and account.account_id = entry.account_id
            where account.kind = 'processor_clearing'
            """,
            [$"{(net - paidOut) * 10_000}"]);
    }

    private static bool HasEnded(string? status) => status is "canceled" or "incomplete_expired";

    private async Task Show(string what, string sql)
    {
        foreach (var row in await Rows(sql))
        {
            Tell($"{what}: {row}");
        }
    }

    private async Task ShouldBeNone(string what, string sql)
    {
        var rows = await Rows(sql);
        if (rows.Count > 0)
        {
            throw new InvalidOperationException($"There are {what}: {string.Join("; ", rows)}");
        }
    }

    private async Task ShouldBeSame(string what, string sql, IEnumerable<string> said)
    {
        var stored = await Rows(sql);
        var (here, there) = (stored.Order(StringComparer.Ordinal).ToList(), said.Order(StringComparer.Ordinal).ToList());
        if (!here.SequenceEqual(there, StringComparer.Ordinal))
        {
            throw new InvalidOperationException(
                $"Of {what}, only here: {string.Join("; ", here.Except(there))}; only there: {string.Join("; ", there.Except(here))}");
        }
    }

    private async Task<List<string>> Rows(string sql)
    {
        await using var command = database.Database.Owner.Sql(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
        {
            rows.Add(reader.IsDBNull(0) ? string.Empty : reader.GetString(0));
        }

        return rows;
    }
}
