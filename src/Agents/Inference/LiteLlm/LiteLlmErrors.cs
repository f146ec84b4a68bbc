using System.Globalization;
using System.Text.Json;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>
/// Problems as LiteLLM's proxy says them (<c>ProxyException</c>): <c>{"error":{"message","type","param","code"}}</c>, where
/// the code is the status as text. A budget that is used up is <c>429</c> with the type <c>budget_exceeded</c> there.
/// </summary>
internal sealed class LiteLlmErrors : IProblemForm
{
    public string MediaType => "application/json";

    public int StatusOf(ProblemCode code) => code.Status switch
    {
        402 => 429,
        403 when code == InferenceProblems.ModelNotAllowed || code == InferenceProblems.KeyBlocked => 401,
        422 => 400,
        var status => status,
    };

    public void Write(Utf8JsonWriter writer, Problem problem, string requestId)
    {
        var status = StatusOf(problem.Code);
        ErrorShape.OpenAi(
            writer, TypeOf(problem.Code, status), status.ToString(CultureInfo.InvariantCulture), problem.Detail);
    }

    private static string TypeOf(ProblemCode code, int status) => status switch
    {
        _ when code.Status == 402 => OpenAiErrors.NoMoney,
        _ when code == InferenceProblems.ModelNotAllowed => "key_model_access_denied",
        401 or 403 => "auth_error",
        404 => "not_found_error",
        429 => "throttling_error",
        >= 500 => "internal_server_error",
        _ => "bad_request_error",
    };
}
