using Quoin.Kernel;
using Quoin.Payments;
using Quoin.Platform;

namespace Quoin.Tests.Simulation.Payments;

/// <content>What operators and banks do with money that was paid.</content>
internal sealed partial class PaymentsRun
{
    private static readonly string[] Operators = ["usr_one", "usr_two"];
    private static readonly string[] Explanations = ["winning_evidence", "losing_evidence", "We have no idea."];

    private Task ActOnMoney() => random.Next(100) switch
    {
        < 40 => AskForRefund(),
        < 60 => DecideRefund(),
        < 70 => RetryRefund(),
        < 85 => AnswerDispute(),
        < 95 => SetAutoTopUp(),
        _ => PayOut(),
    };

    private async Task AskForRefund()
    {
        if (await Any("select payment_id::text from payments.payments where status = 'succeeded' order by payment_id") is not { } id)
        {
            return;
        }

        var amount = random.Next(2) == 0 ? (Money?)null : MinorUnits.ToMoney(random.Next(1, 30) * 100, Currency.Usd);
        var kind = random.Next(4) == 0 ? RefundKind.InternalCredit : RefundKind.ProviderRefund;
        var request = new NewRefund(account.OrganisationId, new PaymentId(Guid.Parse(id)), amount, kind, "A test asks.");
        var actor = Operators[random.Next(2)];
        await Begin(AnyReplica, $"{actor} asks for {kind} of {amount?.ToString() ?? "all"}", async replica =>
        {
            var outcome = await replica.Get<Refunds>().Request(request, actor, IdempotentRequest.None, CancellationToken.None);
            Tell($"the refund ended as {outcome.GetType().Name}");
        });
    }

    private async Task DecideRefund()
    {
        if (await Any("select refund_id || ' ' || requested_by from payments.refunds where status = 'requested' order by refund_id")
            is not { } found)
        {
            return;
        }

        var (id, asker) = (new RefundId(Guid.Parse(found.Split(' ')[0])), found.Split(' ')[1]);
        var (actor, approves) = (Operators[random.Next(2)], random.Next(4) > 0);
        await Begin(AnyReplica, $"{actor} {(approves ? "approves" : "rejects")} a refund of {asker}", async replica =>
        {
            var refunds = replica.Get<Refunds>();
            var outcome = approves
                ? await refunds.Approve(account.OrganisationId, id, "A test says so.", actor, CancellationToken.None)
                : await refunds.Reject(account.OrganisationId, id, "A test says so.", actor, CancellationToken.None);
            Tell($"the decision ended as {outcome.GetType().Name}");
            if (actor == asker && outcome is RefundOutcome.Standing)
            {
                throw new InvalidOperationException($"{actor} decided a refund of their own.");
            }
        });
    }

    private async Task RetryRefund()
    {
        if (await Any("select refund_id::text from payments.refunds where status = 'failed' order by refund_id") is not { } id)
        {
            return;
        }

        await Begin(AnyReplica, "usr_one tries a refund again", async replica =>
        {
            var outcome = await replica.Get<Refunds>().Retry(
                account.OrganisationId, new RefundId(Guid.Parse(id)), "usr_one", CancellationToken.None);
            Tell($"trying it again ended as {outcome.GetType().Name}");
        });
    }

    private async Task AnswerDispute()
    {
        if (await Any("select dispute_id::text from payments.disputes order by dispute_id") is not { } found)
        {
            return;
        }

        var id = new DisputeId(Guid.Parse(found)).ToString();
        var explanation = Explanations[random.Next(Explanations.Length)];
        await Begin(AnyReplica, $"a dispute is answered: {explanation}", async replica =>
        {
            var services = replica.Get<IServiceProvider>();
            var written = await Door.Call(
                services,
                account.OrganisationId,
                "PUT",
                "/v1/payments/disputes/{id}/evidence",
                id,
                $$"""{"explanation":"{{explanation}}"}""");
            var sent = await Door.Call(
                services, account.OrganisationId, "POST", "/v1/payments/disputes/{id}/submit", id, "{}");
            Tell($"the answer ended as {written} and {sent}");
        });
    }

    private Task SetAutoTopUp()
    {
        var body = $$"""
            {
              "threshold": {"currency":"USD","amount_micros":{{random.Next(1, 60)}}000000},
              "amount": {"currency":"USD","amount_micros":{{random.Next(5, 20)}}000000},
              "monthly_cap": {"currency":"USD","amount_micros":{{random.Next(20, 60)}}000000}
            }
            """;
        return Begin(AnyReplica, "sets automatic top-ups", async replica =>
        {
            var status = await Door.Call(
                replica.Get<IServiceProvider>(), account.OrganisationId, "PUT", "/v1/billing/auto-top-up", string.Empty, body);
            Tell($"setting them ended as {status}");
        });
    }

    private Task PayOut()
    {
        Tell($"{stripe.PayOut().Count} payouts leave");
        return Task.CompletedTask;
    }

    private async Task<string?> Any(string sql) =>
        await Rows(sql) is { Count: > 0 } rows ? rows[random.Next(rows.Count)] : null;
}
