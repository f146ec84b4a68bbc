using System.Text.Json;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>Problems as OpenAI's clients know them.</summary>
internal sealed class OpenAiErrors : IProblemForm
{
    public string MediaType => "application/json";

    /// <summary>What both vendors' shapes say where a budget or the credit does not allow a call.</summary>
    public const string NoMoney = "budget_exceeded";

    public void Write(Utf8JsonWriter writer, Problem problem, string requestId) =>
        ErrorShape.OpenAi(writer, TypeOf(problem.Code.Status), problem.Code.Code, problem.Detail);

    public static string TypeOf(int status) => status switch
    {
        401 => "authentication_error",
        402 => NoMoney,
        403 => "permission_error",
        429 => "rate_limit_error",
        >= 500 => "server_error",
        _ => "invalid_request_error",
    };
}

/// <summary>Problems as Anthropic's clients know them (<c>ErrorType</c> of its SDK).</summary>
internal sealed class AnthropicErrors : IProblemForm
{
    public string MediaType => "application/json";

    public void Write(Utf8JsonWriter writer, Problem problem, string requestId) =>
        ErrorShape.Anthropic(writer, TypeOf(problem.Code.Status), problem.Detail, requestId);

    public static string TypeOf(int status) => status switch
    {
        401 => "authentication_error",
        402 => OpenAiErrors.NoMoney,
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        504 => "timeout_error",
        503 or 529 => "overloaded_error",
        >= 500 => "api_error",
        _ => "invalid_request_error",
    };
}
