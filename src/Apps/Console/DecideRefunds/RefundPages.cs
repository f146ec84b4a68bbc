using Microsoft.AspNetCore.Http;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Payments;
using Quoin.Platform;

namespace Quoin.ConsolePages.DecideRefunds;

/// <summary>A page of refunds, as it is asked for.</summary>
/// <param name="Org">The organisation.</param>
/// <param name="Status">Only in this status; <c>all</c> for all, those that wait where it is left out.</param>
/// <param name="Payment">The payment the form is filled with.</param>
/// <param name="Cursor">Where to go on.</param>
internal sealed record RefundListRequest(
    OrgId? Org = null, string? Status = null, string? Payment = null, Cursor<RefundId>? Cursor = null);

/// <summary>One refund, as it is asked for.</summary>
/// <param name="Refund">Its id.</param>
/// <param name="Org">The organisation.</param>
/// <param name="Said">What was just done.</param>
internal sealed record RefundRequest(RefundId Refund, OrgId? Org = null, string? Said = null);

/// <summary>Refunds, newest first.</summary>
/// <param name="Refunds">A page of them.</param>
/// <param name="Status">Only in this status; null in all.</param>
/// <param name="Payment">The payment the form is filled with.</param>
/// <param name="Since">When the page was made: what was asked for before it is another refund.</param>
/// <param name="Complaint">Why nothing was asked for; null where nothing was tried.</param>
/// <param name="Cursor">Where the page began; null on the first one.</param>
/// <param name="Next">Where the next one begins; null on the last one.</param>
public sealed record RefundList(
    IReadOnlyList<Refund> Refunds,
    RefundStatus? Status,
    string? Payment,
    DateTimeOffset Since,
    string? Complaint,
    string? Cursor,
    string? Next);

/// <summary>One refund.</summary>
/// <param name="Refund">The refund.</param>
/// <param name="Said">What was just done, or why nothing was; null nothing.</param>
/// <param name="IsComplaint">Whether nothing was.</param>
public sealed record RefundDetail(Refund Refund, string? Said, bool IsComplaint);

/// <summary>Shows refunds, asks for one, and decides those that somebody else asked for.</summary>
internal sealed class RefundPages(Refunds refunds, TimeProvider time)
{
    /// <summary><c>GET /console/finance/refunds</c>.</summary>
    public static Task<IResult> List(
        Parameters<RefundListRequest> parameters,
        Visits visits,
        RefundPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        frame => pages.Listed(frame, parameters.Value, null, cancellationToken),
        cancellationToken);

    /// <summary><c>POST /console/finance/refunds</c>.</summary>
    public static Task<IResult> Ask(
        Parameters<RefundListRequest> parameters,
        Visits visits,
        RefundPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var form = await PostedForm.Read(context.Request, cancellationToken);
            var (refund, complaint) = await pages.Request(frame, form, cancellationToken);
            return refund is { } made
                ? PostedForm.SeeOther(context, frame.To(Places.Of(made.Id), ("said", "ask")))
                : await pages.Listed(frame, parameters.Value, complaint, cancellationToken);
        },
        cancellationToken);

    /// <summary><c>GET /console/finance/refunds/{refund}</c>.</summary>
    public static Task<IResult> One(
        Parameters<RefundRequest> parameters,
        Visits visits,
        RefundPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        frame => pages.Detail(
            frame, parameters.Value.Refund, RefundText.Said(parameters.Value.Said), false, cancellationToken),
        cancellationToken);

    /// <summary><c>POST /console/finance/refunds/{refund}</c>.</summary>
    public static Task<IResult> Decide(
        Parameters<RefundRequest> parameters,
        Visits visits,
        RefundPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var form = await PostedForm.Read(context.Request, cancellationToken);
            var id = parameters.Value.Refund;
            var complaint = await pages.Do(frame, id, form, cancellationToken);
            return complaint is null
                ? PostedForm.SeeOther(context, frame.To(Places.Of(id), ("said", form["act"])))
                : await pages.Detail(frame, id, complaint, true, cancellationToken);
        },
        cancellationToken);

    private async Task<IResult> Listed(
        Frame frame, RefundListRequest request, string? complaint, CancellationToken cancellationToken)
    {
        RefundStatus? status = request.Status == "all" ? null : DeskText.Read<RefundStatus>(request.Status) ?? RefundStatus.Requested;
        var limit = new PageLimit(Limits.RowsPerPage);
        var rows = await refunds.Newest(
            frame.RequiredOrg.Id, null, status, request.Cursor?.Keys, limit.RowsToFetch, cancellationToken);
        var page = Page.Of(rows, limit, row => row.Id);
        return frame.Page<RefundsView, RefundList>(
            new(page.Data, status, request.Payment, time.GetUtcNow(), complaint, request.Cursor?.ToString(), page.NextCursor),
            complaint is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity);
    }

    private async Task<IResult> Detail(
        Frame frame, RefundId id, string? said, bool isComplaint, CancellationToken cancellationToken) =>
        await refunds.Find(frame.RequiredOrg.Id, id, cancellationToken) is { } refund
            ? frame.Page<RefundView, RefundDetail>(
                new(refund, said, isComplaint), isComplaint ? StatusCodes.Status409Conflict : StatusCodes.Status200OK)
            : frame.NotFound("refund");

    private async Task<(Refund? Made, string? Complaint)> Request(
        Frame frame, PostedForm form, CancellationToken cancellationToken)
    {
        if (!Id.TryParse<PaymentId>(form["payment"], out var payment))
        {
            return (null, "A payment's id begins with pay_. Find it among the billing events.");
        }

        if (!form.IsText("reason", Quoin.Payments.Limits.ReasonCharactersMax))
        {
            return (null, "Say why, in one line; the customer reads it.");
        }

        Money? amount = null;
        if (form["amount"].Length > 0)
        {
            if (FormText.Micros(form["amount"]) is not ({ } micros and > 0))
            {
                return (null, "The amount is a number such as 12.50; leave it out for all that is left.");
            }

            amount = new Money(micros, Currency.TryParse(form["currency"], out var named) ? named : frame.Currency);
        }

        var (org, actor) = (frame.RequiredOrg.Id, frame.Caller.Actor);
        var since = DateTimeOffset.TryParse(form["since"], System.Globalization.CultureInfo.InvariantCulture, out var made)
            ? made
            : time.GetUtcNow();
        var kind = form["kind"] == "internal_credit" ? RefundKind.InternalCredit : RefundKind.ProviderRefund;
        var outcome = await refunds.Request(
            new NewRefund(org, payment, amount, kind, form["reason"])
            {
                Forgives = form["owed"] != "again",
                FormMadeAt = since,
            },
            actor,
            IdempotentRequest.None,
            cancellationToken);
        return outcome is RefundOutcome.Standing(var refund) ? (refund, null) : (null, RefundText.Complaint(outcome));
    }

    private async Task<string?> Do(Frame frame, RefundId id, PostedForm form, CancellationToken cancellationToken)
    {
        var (org, actor) = (frame.RequiredOrg.Id, frame.Caller.Actor);
        if (form["act"] == "retry")
        {
            return RefundText.Complaint(await refunds.Retry(org, id, actor, cancellationToken));
        }

        if (!frame.Caller.May(Permission.RefundsApprove))
        {
            return "You may ask for refunds, not decide them.";
        }

        if (!form.IsText("reason", Quoin.Payments.Limits.ReasonCharactersMax))
        {
            return "Say why, in one line.";
        }

        return form["act"] switch
        {
            "approve" => RefundText.Complaint(await refunds.Approve(org, id, form["reason"], actor, cancellationToken)),
            "reject" => RefundText.Complaint(await refunds.Reject(org, id, form["reason"], actor, cancellationToken)),
            _ => "Press one of the buttons.",
        };
    }
}

/// <summary>What people read about refunds.</summary>
public static class RefundText
{
    /// <summary>How a refund stands.</summary>
    public static string Of(RefundStatus status) => status switch
    {
        RefundStatus.Requested => "Waiting",
        RefundStatus.Approved => "Approved",
        RefundStatus.Processing => "At the provider",
        RefundStatus.Succeeded => "Given back",
        RefundStatus.Failed => "Failed",
        _ => "Rejected",
    };

    /// <summary>How money is given back.</summary>
    public static string Of(RefundKind kind) => kind == RefundKind.ProviderRefund ? "By the provider" : "As credit";

    /// <summary>What was just done; null nothing.</summary>
    public static string? Said(string? act) => act switch
    {
        "ask" => "The refund was asked for.",
        "approve" => "Approved. It is on its way.",
        "reject" => "Rejected. Nothing was given back.",
        "retry" => "It was begun anew.",
        _ => null,
    };

    /// <summary>Why nothing was done; null when something was.</summary>
    public static string? Complaint(RefundOutcome outcome) => outcome switch
    {
        RefundOutcome.Standing => null,
        RefundOutcome.NotPaid => "The payment has not succeeded: there is nothing to give back.",
        RefundOutcome.TooMuch(var left) => $"{Format.Exact(left)} is left of the payment.",
        RefundOutcome.SecondPersonNeeded => "You asked for it, so somebody else decides it. Nothing changed.",
        RefundOutcome.Refused(var refund) => $"Meanwhile it is {Of(refund.Status).ToLowerInvariant()}. Nothing changed.",
        _ => "There is no such payment or refund in this organisation.",
    };
}
