using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Payments.Internal;
using Quoin.Platform;

namespace Quoin.Payments.AnswerDisputes;

/// <summary>Which dispute.</summary>
/// <param name="Id">Its id.</param>
internal sealed record DisputePath(DisputeId Id);

/// <summary>A page of disputes, newest first.</summary>
/// <param name="Limit">How many.</param>
/// <param name="Cursor">Where to go on.</param>
/// <param name="Status">Only in this status.</param>
internal sealed record DisputePageRequest(PageLimit Limit, Cursor<DisputeId>? Cursor = null, DisputeStatus? Status = null);

/// <summary>What speaks against a dispute.</summary>
/// <param name="Explanation">In words; up to 20,000 letters.</param>
/// <param name="CustomerName">Of whom it is.</param>
/// <param name="CustomerEmail">Of whom it is.</param>
internal sealed record EvidenceRequest(string Explanation, string? CustomerName = null, string? CustomerEmail = null);

/// <summary>A file of evidence.</summary>
/// <param name="Name">Its name; up to 200 letters.</param>
/// <param name="ContentType"><c>application/pdf</c>, <c>image/jpeg</c> or <c>image/png</c>.</param>
/// <param name="Content">Its bytes in Base64; up to 4.5 MB.</param>
internal sealed record EvidenceFileRequest(string Name, string ContentType, string Content);

/// <summary>Disputes, over HTTP, for operators.</summary>
internal static class DisputeEndpoints
{
    private const int NameLettersMax = 200;
    private const int EmailLettersMax = 320;

    /// <summary><c>GET /v1/payments/disputes</c>.</summary>
    public static async Task<Ok<Page<Dispute>>> List(
        Parameters<DisputePageRequest> parameters,
        AnswerDisputes disputes,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var request = parameters.Value;
        var rows = await disputes.Newest(
            context.Caller().RequiredOrg, request.Status, request.Cursor?.Keys, request.Limit.RowsToFetch, cancellationToken);
        return TypedResults.Ok(Page.Of(rows, request.Limit, dispute => dispute.Id, dispute => dispute));
    }

    /// <summary><c>GET /v1/payments/disputes/{id}</c>.</summary>
    public static async Task<Results<Ok<Dispute>, Problem>> Show(
        Parameters<DisputePath> path, AnswerDisputes disputes, HttpContext context, CancellationToken cancellationToken) =>
        await disputes.Find(context.Caller().RequiredOrg, path.Value.Id, cancellationToken) is { } dispute
            ? TypedResults.Ok(dispute)
            : ProblemOf(new EvidenceOutcome.NotFound());

    /// <summary><c>PUT /v1/payments/disputes/{id}/evidence</c>.</summary>
    public static async Task<Results<Ok<Dispute>, Problem>> Write(
        Parameters<DisputePath> path,
        EvidenceRequest body,
        AnswerDisputes disputes,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var errors = new Dictionary<string, string>(StringComparer.Ordinal);
        if (body.Explanation.Length is 0 or > Limits.EvidenceCharactersMax || body.Explanation.Contains('\0', StringComparison.Ordinal))
        {
            errors["explanation"] = $"must have 1 to {Limits.EvidenceCharactersMax} letters";
        }

        Check(errors, "customer_name", body.CustomerName, NameLettersMax);
        Check(errors, "customer_email", body.CustomerEmail, EmailLettersMax);
        if (errors.Count > 0)
        {
            return PaymentEndpoints.Invalid(errors);
        }

        var draft = new EvidenceDraft(body.Explanation, body.CustomerName, body.CustomerEmail);
        return Answer(await disputes.Write(
            context.Caller().RequiredOrg, path.Value.Id, draft, context.Caller().Actor, cancellationToken));
    }

    /// <summary><c>POST /v1/payments/disputes/{id}/files</c>.</summary>
    public static async Task<Results<Ok<Dispute>, Problem>> AddFile(
        Parameters<DisputePath> path,
        EvidenceFileRequest body,
        AnswerDisputes disputes,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var errors = new Dictionary<string, string>(StringComparer.Ordinal);
        Check(errors, "name", body.Name, NameLettersMax);
        if (body.ContentType is not ("application/pdf" or "image/jpeg" or "image/png"))
        {
            errors["content_type"] = "must be application/pdf, image/jpeg or image/png";
        }

        var bytes = new byte[(body.Content.Length * 3 / 4) + 3];
        if (!Convert.TryFromBase64String(body.Content, bytes, out var length) || length is 0 or > Limits.EvidenceFileBytesMax)
        {
            errors["content"] = $"must be Base64 of 1 to {Limits.EvidenceFileBytesMax} bytes";
        }

        return errors.Count > 0
            ? PaymentEndpoints.Invalid(errors)
            : Answer(await disputes.Add(
                context.Caller().RequiredOrg,
                path.Value.Id,
                new StoredFile(body.Name, body.ContentType, bytes[..length]),
                context.Caller().Actor,
                cancellationToken));
    }

    /// <summary><c>POST /v1/payments/disputes/{id}/submit</c>.</summary>
    public static async Task<Results<Ok<Dispute>, Problem>> Submit(
        Parameters<DisputePath> path, AnswerDisputes disputes, HttpContext context, CancellationToken cancellationToken) =>
        Answer(await disputes.Submit(
            context.Caller().RequiredOrg, path.Value.Id, context.Caller().Actor, cancellationToken));

    private static void Check(Dictionary<string, string> errors, string member, string? text, int lettersMax)
    {
        if (text is not null && InputText.Problem(text, lettersMax) is { } problem)
        {
            errors[member] = problem;
        }
    }

    private static Results<Ok<Dispute>, Problem> Answer(EvidenceOutcome outcome) =>
        outcome is EvidenceOutcome.Standing(var dispute) ? TypedResults.Ok(dispute) : ProblemOf(outcome);

    private static Problem ProblemOf(EvidenceOutcome outcome) => outcome switch
    {
        EvidenceOutcome.NotFound => new Problem(PlatformProblems.NotFound, "There is no such dispute."),
        EvidenceOutcome.Closed => new Problem(PaymentsProblems.DisputeClosed, "The bank has decided."),
        EvidenceOutcome.AlreadySubmitted => new Problem(
            PaymentsProblems.EvidenceSubmitted, "It was answered before; evidence is sent once."),
        EvidenceOutcome.NothingWritten => new Problem(
            PaymentsProblems.EvidenceMissing, "Nothing was written that could be sent."),
        EvidenceOutcome.TooManyFiles => new Problem(
            PaymentsProblems.InvalidPaymentInput, $"A dispute has at most {Limits.EvidenceFilesMax} files."),
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
