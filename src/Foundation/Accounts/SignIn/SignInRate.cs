using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Endpoint metadata: attempts to sign in are counted here, for each visitor over all replicas.</summary>
internal sealed record SignInRate;

/// <summary>How endpoints that let people in, or begin to, keep visitors to <see cref="Limits.SignInsPerVisitor"/>.</summary>
internal static class SignInRateExtensions
{
    /// <summary>Counts every request as an attempt of its visitor; too many are told to wait, in the API's way.</summary>
    public static RouteHandlerBuilder LimitsSignIns(this RouteHandlerBuilder endpoint) => endpoint
        .MayAnswer(AccountsProblems.TooManyAttempts)
        .Limit(static (_, wait) => AccountsProblems.TooManyTries(wait));

    /// <summary>Counts every request as an attempt of its visitor; too many are told to wait, on a page.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="elseHelps">What helps besides waiting, as HTML.</param>
    public static RouteHandlerBuilder LimitsSignInsOnPage(this RouteHandlerBuilder endpoint, string elseHelps = "") =>
        endpoint.Limit((context, wait) => PageParts.TooMany(context, wait, elseHelps));

    private static RouteHandlerBuilder Limit(
        this RouteHandlerBuilder endpoint, Func<HttpContext, TimeSpan, IResult> tooMany) => endpoint
        .WithMetadata(new SignInRate())
        .AddEndpointFilter(async (invocation, next) =>
        {
            var context = invocation.HttpContext;
            var services = context.RequestServices;
            var rates = services.GetRequiredService<Rates>();
            var wait = await rates.Take(Limits.SignInsPerVisitor, Visitor.Of(context), context.RequestAborted);
            if (wait is not { } remaining)
            {
                return await next(invocation);
            }

            services.GetRequiredService<AccountsMetrics>().Refused(AccountsProblems.TooManyAttempts.Code);
            return tooMany(context, remaining);
        });
}
