using Microsoft.AspNetCore.Http;
using Quoin.Accounts;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;

namespace Quoin.ConsolePages.BrowsePlatform;

/// <summary>What the page of the operator's people shows.</summary>
/// <param name="People">Them, the longest first.</param>
/// <param name="Complaint">Why a change came to nothing; null where none was tried.</param>
public sealed record OperatorPage(IReadOnlyList<OperatorProfile> People, string? Complaint);

/// <summary>Shows the operator's people, and changes who they are and what they may do.</summary>
internal sealed class OperatorPages(Operators operators)
{
    /// <summary><c>GET /console/operators</c>.</summary>
    public static Task<IResult> Show(
        Visits visits, OperatorPages pages, HttpContext context, CancellationToken cancellationToken) =>
        visits.ShowPlatform(
            context, FormText.Org(context.Request), frame => pages.All(frame, null, cancellationToken), cancellationToken);

    /// <summary><c>POST /console/operators</c>.</summary>
    public static Task<IResult> Act(
        Visits visits, OperatorPages pages, HttpContext context, CancellationToken cancellationToken) =>
        visits.ShowPlatform(
            context,
            FormText.Org(context.Request),
            async frame =>
            {
                var form = await PostedForm.Read(context.Request, cancellationToken);
                var complaint = form["act"] == "add"
                    ? await pages.Add(frame, form, cancellationToken)
                    : await pages.Change(frame, form, cancellationToken);
                return complaint is null
                    ? PostedForm.SeeOther(context, frame.To(Places.Operators))
                    : await pages.All(frame, complaint, cancellationToken);
            },
            cancellationToken);

    private async Task<string?> Add(Frame frame, PostedForm form, CancellationToken cancellationToken)
    {
        var wanted = new NewOperator(form["email"], form.All("roles"), FormText.Of(form["reason"]));
        return await operators.Add(frame.Caller, wanted, cancellationToken) switch
        {
            CreateOperatorOutcome.Created => null,
            CreateOperatorOutcome.AlreadyOperator(var person) => $"{person.Email} is an operator already; change their roles.",
            CreateOperatorOutcome.IsOneself => "Nobody makes themselves an operator.",
            CreateOperatorOutcome.AddressNotProved =>
                "Somebody claims this address and has not confirmed it; ask them to, on their account's page.",
            CreateOperatorOutcome.Invalid(var input) => FormText.Sentence(input),
            var outcome => throw new InvalidOperationException($"Making an operator ended as {outcome}."),
        };
    }

    private async Task<string?> Change(Frame frame, PostedForm form, CancellationToken cancellationToken)
    {
        if (!Id.TryParse<UserId>(form["person"], out var person))
        {
            return "Press one of the buttons.";
        }

        var reason = FormText.Of(form["reason"]);
        var outcome = form["act"] == "remove"
            ? await operators.Remove(frame.Caller, person, reason, cancellationToken)
            : await operators.Change(
                frame.Caller, person, new OperatorChange(form.All("roles"), reason), cancellationToken);
        return outcome switch
        {
            ChangeOperatorOutcome.Done => null,
            ChangeOperatorOutcome.Invalid(var input) => FormText.Sentence(input),
            ChangeOperatorOutcome.NoSuchOperator => "They are no operator any more.",
            ChangeOperatorOutcome.IsOneself => "Nobody changes their own roles: ask another operator.",
            ChangeOperatorOutcome.RolesOutOfReach => "They may do what you may not.",
            ChangeOperatorOutcome.LastAdmin => "They are the only admin: make somebody else one first.",
            _ => throw new InvalidOperationException($"Changing an operator ended as {outcome}."),
        };
    }

    private async Task<IResult> All(Frame frame, string? complaint, CancellationToken cancellationToken) =>
        frame.Page<OperatorsView, OperatorPage>(
            new OperatorPage(await operators.All(cancellationToken), complaint),
            complaint is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity);
}
