/** Where a moment of a GPU goes. `other` is compute that is neither attention nor a matrix product. */
export const CATEGORIES = ['attention', 'gemm', 'other', 'communication', 'memory'] as const;
export type Category = (typeof CATEGORIES)[number];

export const CATEGORY_TITLES: Readonly<Record<Category, string>> = {
  attention: 'Attention',
  gemm: 'GEMM',
  other: 'Other compute',
  communication: 'Communication',
  memory: 'Memory',
};

/** One row of the table: what a kernel does, told by its name. */
export interface KernelRule {
  readonly id: string;
  /** What kind of kernel it is, in a word or two. */
  readonly title: string;
  readonly category: Category;
  readonly pattern: RegExp;
  /** Names as profilers print them; the test holds that this row is the first that fits them. */
  readonly examples: readonly string[];
  /** Where the names are defined. */
  readonly source: string;
}

/**
 * Kernel names of vLLM in the order they are tried: the first row that fits decides. The order is part of the table, since
 * names overlap: `reshape_and_cache_flash_kernel` writes the KV cache and attends to nothing, FlashAttention 3 is a
 * `cutlass::device_kernel`, and `triton_poi_fused_addmm_cat` holds no matrix product.
 * Ground: `tools/profiler/nsys_profile_tools/vllm_engine_model.json` of vLLM, with three differences: attention is tried before
 * GEMM, writes to the KV cache have a row, and what torch.compile fused has its own.
 */
export const KERNEL_RULES: readonly KernelRule[] = [
  {
    id: 'copies',
    title: 'Copies and fills',
    category: 'memory',
    pattern:
      /^(?:Memcpy|Memset|memcpy\d+_post|__amd_rocclr_|Copy(?:Host|Device)To|FillBuffer|\[CUDA mem(?:cpy|set)|\[CUDA Unified Memory)/,
    examples: [
      'Memcpy HtoD (Pinned -> Device)',
      'Memset (Device)',
      '[CUDA memcpy Device-to-Host]',
      '[CUDA memset]',
      'CopyHostToDevice',
      'memcpy32_post',
      '__amd_rocclr_copyBuffer',
    ],
    source: 'Kineto categories gpu_memcpy and gpu_memset; nsys stats report cuda_gpu_trace',
  },
  {
    id: 'nccl',
    title: 'NCCL, RCCL',
    category: 'communication',
    pattern: /\b(?:nccl|rccl|msccl)(?:Dev)?Kernel|^nccl/,
    examples: [
      'ncclDevKernel_AllReduce_Sum_bf16_RING_LL(ncclDevKernelArgsStorage<4096ul>)',
      'ncclKernel_AllGather_RING_LL_Sum_int8_t(ncclDevComm*, unsigned long, ncclWork*)',
    ],
    source: 'NCCL src/device/generate.py; vllm/distributed/device_communicators/pynccl.py',
  },
  {
    id: 'custom-all-reduce',
    title: 'Custom all-reduce',
    category: 'communication',
    pattern:
      /cross_device_reduce|allreduce_fusion|(?:one|two)_?shot_all_?reduce|multimem_all_reduce|(?:one|two)shotAllReduce|quickreduce|allreduce_prototype|AllReduceKernel/i,
    examples: [
      'void vllm::cross_device_reduce_1stage<__nv_bfloat16, 2>(vllm::RankData*, vllm::RankSignals, vllm::Signal*, __nv_bfloat16*, int, int)',
      'void vllm::cross_device_reduce_2stage<__half, 8>(vllm::RankData*, vllm::RankSignals, vllm::Signal*, __half*, int, int)',
      'void flashinfer::trtllm_allreduce_fusion::allreduce_fusion_kernel_oneshot_lamport<(AllReduceFusionPattern)1>(AllReduceFusionParams)',
      'void c10d::symmetric_memory::multimem_all_reduce_kernel<c10::BFloat16, 16>(c10::BFloat16*, unsigned long)',
      'void quickreduce::allreduce_prototype_twoshot<quickreduce::AllReduceTwoshot<__half>>(__half const*)',
    ],
    source:
      'csrc/custom_all_reduce.cuh; csrc/quickreduce; vllm/compilation (all-reduce fused with norm, of FlashInfer); torch symmetric memory',
  },
  {
    id: 'expert-exchange',
    title: 'Exchange between experts',
    category: 'communication',
    pattern: /deep_ep::|(?:intra|inter)node(?:_ll)?::(?:dispatch|combine|notify)|nvshmem|_dcp_a2a_|moeAll(?:To|2)All/,
    examples: [
      'void deep_ep::internode_ll::dispatch<true, false, 7168>(void*, void*, int*, long*)',
      'void deep_ep::intranode::combine<__nv_bfloat16, 8, 768>(__nv_bfloat16*, float*)',
      '_dcp_a2a_pack_send_kernel',
    ],
    source:
      'DeepEP csrc/kernels; vllm/model_executor/layers/fused_moe (all2all); vllm/v1/attention/ops (decode context parallel)',
  },
  {
    id: 'kv-cache',
    title: 'KV cache writes and moves',
    category: 'memory',
    pattern:
      /reshape_and_cache|concat_and_cache|(?:copy|swap)_blocks|gather_(?:and_\w{1,40}_)?cache|cp_gather|indexer_k_quant_and_cache|AppendPagedKVCache|zero_kv_blocks|kv_cache_(?:scatter|gather)|batch_memcpy_kernel|dequant(?:ize)?_(?:and_)?gather_k|fused_rope_and_cache|_and_cache_mla/i,
    examples: [
      'void vllm::reshape_and_cache_flash_kernel<__nv_bfloat16, __nv_bfloat16, (vllm::Fp8KVCacheDataType)0>(const __nv_bfloat16 *, const __nv_bfloat16 *)',
      'reshape_and_cache_kernel_flash',
      'void vllm::concat_and_cache_mla_kernel<__nv_bfloat16, __nv_bfloat16, (vllm::Fp8KVCacheDataType)0>(const __nv_bfloat16 *)',
      'void vllm::gather_and_maybe_dequant_cache<__nv_bfloat16, unsigned char>(unsigned char const*)',
      '_swap_blocks_kernel',
      '_dequantize_and_gather_k_kernel',
      '_zero_kv_blocks_kernel',
    ],
    source: 'csrc/cache_kernels.cu; vllm/v1/attention/ops/triton_reshape_and_cache_flash.py; vllm/v1/kv_offload',
  },
  {
    id: 'compiled',
    title: 'Fused by torch.compile',
    category: 'other',
    pattern: /^triton_(?:poi|red|per|for)_/,
    examples: ['triton_poi_fused__to_copy_add_addmm_cat_3', 'triton_red_fused__to_copy_add_mean_mul_pow_rsqrt_0'],
    source: 'torch/_inductor/codegen/triton.py (names of pointwise, reduction and persistent-reduction kernels)',
  },
  {
    id: 'moe-routing',
    title: 'Expert routing',
    category: 'other',
    pattern:
      /topkGating|topk_?(?:gating_)?soft(?:max|plus)|moe_sort|moe_reduction|grouped_topk|topk_sigmoid|moe_align|count_and_sort_expert|moe_sum|moe_permute|permute_(?:inputs|rows)|expandInputRows|shuffle(?:InputRows|_rows)|moe::dev::routing|routingIndices|routingCustom|finalize_?moe|finalizeMoe|_fwd_kernel_ep_|_count_expert_num_tokens|compute_identity_kernel|_topk_forward|_combined_routing|_sum_bitmatrix_rows|_compute_writeback_idx/i,
    examples: [
      'void vllm::moe::topkGating<8, 128, 4, 16, 32, int, float, (vllm::moe::ScoringFunc)0>(float const*, bool const*, float*)',
      'void vllm::moe::moe_align_block_size_kernel<int>(int const*, int*, int*, int*, int, int)',
      'void vllm::moe::moe_sum_kernel<c10::BFloat16, 8>(c10::BFloat16*, c10::BFloat16 const*, int)',
      '_fwd_kernel_ep_scatter_1',
      'void vllm::moe::topkGatingSoftplusSqrt<8, 256, 4, 16, 32, false, int, float>(float const*, bool const*)',
      'void aiter::opus_moe_sorting_entry<aiter::MoeSortingKernel>(Params)',
      'void moe::dev::routing::routingRenormalize::routingIndicesClusterKernel<float>(float)',
    ],
    source:
      'csrc/moe/topk_softmax_kernels.cu, csrc/moe/moe_align_sum_kernels.cu, csrc/moe/permute_unpermute_kernels; vllm/model_executor/layers/fused_moe; triton_kernels routing',
  },
  {
    id: 'sampling',
    title: 'Sampling',
    category: 'other',
    pattern:
      /sampling::|SamplingFrom|_topk_topp|_topp_sb_|gumbel_sample|_temperature_kernel|_min_p_kernel|penalties|bad_words|rejection_(?:greedy|random)_sample|_rejection_kernel|sample_recovered|grammar_bitmask|logprobs|_topk_log_softmax|_ranks_kernel|SoftMaxForward|softmax_warp_forward|exponential|RadixSort|sbtopk|mbtopk|gatherTopK|ArgMax|argmax|_bincount_kernel/,
    examples: [
      'void flashinfer::sampling::TopKTopPSamplingFromProbKernel<1024u, (cub::BlockScanAlgorithm)0, float, int>(float*)',
      '_topk_topp_kernel',
      '_gumbel_sample_kernel',
      'void vllm::apply_repetition_penalties_kernel<float>(float*, bool const*, bool const*, float const*, int, int, int)',
      'void at::native::(anonymous namespace)::cunn_SoftMaxForward<4, float, float, float, SoftMaxForwardEpilogue>(float*, float const*, int)',
      'rejection_greedy_sample_kernel',
      'void at::native::sbtopk::gatherTopK<float, unsigned int, 2, false>(at::cuda::detail::TensorInfo<float const, unsigned int>)',
      'void at::native::reduce_kernel<512, 1, at::native::ReduceOp<float, at::native::ArgMaxOps<float>, unsigned int, long, 4>>(float)',
    ],
    source:
      'vllm/v1/sample, vllm/v1/worker/gpu/sample; csrc/sampler.cu; FlashInfer include/flashinfer/sampling.cuh; ATen softmax, sort and top-k of the sampler',
  },
  {
    id: 'mla',
    title: 'MLA and sparse attention',
    category: 'attention',
    pattern: /flash_?mla|FmhaMla|(?:^|[^a-z])mla_|_mla_|MLA|mqa_logits|sparse_attn|topKPerRow|global_topk/,
    examples: [
      'void flash_fwd_splitkv_mla_kernel<Flash_fwd_kernel_traits_mla<576, 64, 64, 4, cutlass::bfloat16_t, 512>>(Flash_fwd_mla_params)',
      'void flashinfer::mla::BatchMLAPagedAttentionKernel<flashinfer::mla::KernelTraits<true, 64u>>(Params)',
      'void cutlass::device_kernel<cutlass::fmha::kernel::Sm100FmhaMlaKernelTmaWarpspecialized<Shape>>(Params)',
      '_fp8_paged_mqa_logits_decode_kernel',
      'void sm90::decode::sparse_fp8::flash_fwd_splitkv_mla_fp8_sparse_kernel<sm90::decode::sparse_fp8::KernelTemplate<(ModelType)1, 64>>(SparseAttnDecodeParams)',
      'void vllm::topKPerRowDecode<1024, true, false>(float const*)',
      '_bf16_mla_sparse_kernel',
    ],
    source: 'FlashMLA csrc; csrc/attention/mla; FlashInfer include/flashinfer/attention/mla.cuh; vllm/v1/attention/ops',
  },
  {
    id: 'flash-attention',
    title: 'FlashAttention',
    category: 'attention',
    pattern: /flash::|flash_fwd|FlashAttn|flash_attn|Flash_fwd/,
    examples: [
      'void flash::flash_fwd_splitkv_kernel<Flash_fwd_kernel_traits<128, 64, 128, 4, false, false, cutlass::bfloat16_t>, true>(flash::Flash_fwd_params)',
      'void cutlass::device_kernel<flash::enable_sm90_or_later<flash::FlashAttnFwdSm90<flash::CollectiveMainloopFwdSm90<2, cutlass::gemm::collective::CollectiveBuilder>>>>(Params)',
      'void flash::prepare_varlen_num_blocks_kernel(int, int, int)',
    ],
    source: 'vllm-project/flash-attention csrc/flash_attn and hopper; vllm/v1/attention/backends/flash_attn.py',
  },
  {
    id: 'flashinfer',
    title: 'FlashInfer, fmha',
    category: 'attention',
    pattern:
      /Batch(?:Decode|Prefill|Attention)With|Single(?:Decode|Prefill)With|MergeStates?|fmha|BatchPagedAttention/i,
    examples: [
      'void flashinfer::BatchDecodeWithPagedKVCacheKernel<(flashinfer::PosEncodingMode)0, 2u, 4u, 8u, 16u, 1u, 8u>(Params)',
      'void flashinfer::BatchPrefillWithPagedKVCacheKernel<flashinfer::KernelTraits<(flashinfer::MaskMode)1>>(Params)',
      'void flashinfer::PersistentVariableLengthMergeStatesKernel<8u, 16u, 8u, 4u, __nv_bfloat16>(float*)',
      'fmhaSm100fKernel_QkvBfloat16OBfloat16H128PagedKvCausalP64VarSeqQ128Kv128StaticContext',
    ],
    source:
      'FlashInfer include/flashinfer/attention; TRT-LLM kernels it loads; vllm/v1/attention/backends/flashinfer.py',
  },
  {
    id: 'paged-attention',
    title: 'Paged and Triton attention',
    category: 'attention',
    pattern:
      /paged_attention|unified_attention|reduce_segments|merge_attn_states|^_fwd_kernel(?!_ep_)|^_fwd_grouped_kernel|single_query_cached_kv|attention|_attn_|sdpa|(?:^|_)mha_/i,
    examples: [
      'void vllm::paged_attention_v2_kernel<__half, __half, 128, 16, 128, (vllm::Fp8KVCacheDataType)0, false, 512>(float*, float*)',
      'kernel_unified_attention_2d',
      'kernel_unified_attention',
      '_fwd_kernel_stage1',
      '_fwd_grouped_kernel_stage1',
      'void vllm::merge_attn_states_kernel<float, uint4, 128>(float*, float*)',
    ],
    source:
      'csrc/attention; vllm/v1/attention/ops/triton_unified_attention.py, triton_decode_attention.py, prefix_prefill.py',
  },
  {
    id: 'state-space',
    title: 'State-space and linear attention',
    category: 'other',
    pattern:
      /selective_scan|chunk_(?:scan|state|cumsum|gated_delta|kda|gla|fwd_kernel|local_cumsum|scaled_dot)|gated_delta_rule|causal_conv1d|state_passing|_bmm_chunk|linear_attn|fused_recurrent|DeltaRule|mamba/,
    examples: [
      '_selective_scan_update_kernel',
      '_chunk_scan_fwd_kernel',
      'fused_recurrent_gated_delta_rule_fwd_kernel',
      '_causal_conv1d_update_kernel',
      'void cutlass::device_kernel<flat::kernel::FlatKernelTmaWarpSpecializedDeltaRule<flat::collective::X<cutlass::bfloat16_t>>>(Params)',
    ],
    source: 'vllm/model_executor/layers/mamba/ops; vllm/model_executor/layers/fla/ops; csrc/mamba',
  },
  {
    id: 'lora',
    title: 'LoRA',
    category: 'gemm',
    pattern: /lora_(?:shrink|expand)|fused_moe_lora|bgmv|sgmv/,
    examples: ['_lora_shrink_kernel', '_lora_expand_kernel', '_fused_moe_lora_kernel'],
    source: 'vllm/lora/ops/triton_ops',
  },
  {
    id: 'fused-moe',
    title: 'Fused MoE',
    category: 'gemm',
    pattern:
      /fused_moe_kernel|group(?:ed)?_?gemm|GroupProblemShape|group_gemm_starts|moe_wna16|marlin_moe|moe_marlin|moe_?(?:mx)?gemm|mfma_moe|MoeFCGemm|matmul_ogs|^bmm_|batched_triton_kernel|expert_triton_kernel|fmoe|m_grouped/i,
    examples: [
      'fused_moe_kernel',
      'fused_moe_kernel_gptq_awq',
      'void cutlass::device_kernel<cutlass::gemm::kernel::GemmUniversal<cutlass::gemm::GroupProblemShape<cute::tuple<int, int, int>>>>(Params)',
      'void marlin_moe_wna16::Marlin<__nv_bfloat16, 1125899906909960l, 256, 1, 8, 8>(int4 const*, int4 const*)',
      'bmm_E4m3_E2m1E2m1_Fp32_t128x8x512_s5_et128x8_m128x8x64_cga1x1x1_16dp256b_TN_transOut_schedS',
      '_matmul_ogs_NNT_bf16xbf16xmxfp4_16x256x128',
      'mfma_moe1_silu_mul_afp8_wfp4_fp8_t32x128x256',
      'void ck::kernel_moe_mxgemm_2lds<ck::GridwiseMoeGemmMX>(Params)',
    ],
    source:
      'vllm/model_executor/layers/fused_moe; csrc/moe; csrc/quantization/w8a8/cutlass/moe; triton_kernels matmul_ogs',
  },
  {
    id: 'quantised-gemm',
    title: 'Quantised linear layers',
    category: 'gemm',
    pattern:
      /marlin(?!_repack)|machete|awq_gemm|gemm_half_q_half|gptq_gemm|allspark|scaled_mm|deep_gemm::|_w8a8_|w4a16_gemm|w4a8_gemm|fp8_blockwise|mxfp8_linear|a8w8|fp[48]_?gemm/i,
    examples: [
      'void marlin::Marlin<__nv_bfloat16, 256, 1, 8, 8, 4, 8, false>(int4 const*, int4 const*, int4*)',
      'void cutlass::device_kernel<machete::MacheteKernelTemplate<cutlass::bfloat16_t, cutlass::integer_subbyte<4>>>(Params)',
      'void deep_gemm::sm90_fp8_gemm_1d2d_impl<(cute::UMMA::Major)0, 0u, 7168u, 2048u>(float*)',
      '_w8a8_triton_block_scaled_mm',
      'awq_gemm_kernel',
      '_gemm_a8w8_blockscale_kernel_GROUP_K_128',
    ],
    source: 'csrc/quantization (marlin, machete, awq, gptq, w8a8); DeepGEMM; vllm/model_executor/layers/quantization',
  },
  {
    id: 'gemm',
    title: 'Dense linear layers',
    category: 'gemm',
    pattern:
      /(?<!_deep_)gemm|gemv|nvjet|matmul|xmma|splitKreduce|split_?k_?reduce|Cijk_|wvSplitK|LLGemm|dot_kernel|^triton_(?:tem|mm)_|bmm_kernel|einsum|cutlass_\d{1,4}_|(?:^|_)mm_kernel|ck::.{0,300}[Gg]emm/i,
    examples: [
      'sm90_xmma_gemm_bf16bf16_bf16f32_f32_tn_n_tilesize128x128x64_warpgroupsize1x1x1_execute_segment_k_off_kernel__5x_cublas',
      'nvjet_tst_192x192_64x4_1x2_h_bz_coopB_TNT',
      'ampere_bf16_s16816gemm_bf16_64x64_sliced1x2_ldg8_relu_f2f_stages_64x5_tn',
      'void cutlass::Kernel2<cutlass_80_wmma_tensorop_bf16_s161616gemm_bf16_16x16_128x2_tn_align8>(Params)',
      'void cublasLt::splitKreduce_kernel<32, 16, int, float, __nv_bfloat16, float, __nv_bfloat16, false>(Params)',
      'void gemv2T_kernel_val<int, int, __nv_bfloat16, __nv_bfloat16, float>(Params)',
      'Cijk_Alik_Bljk_BBS_BH_Bias_HA_S_SAV_UserArgs_MT256x256x64_MI16x16x1',
      'triton_tem_fused_mm_0',
      'std::enable_if<!(false), void>::type internal::gemvx::kernel<int, int, __nv_bfloat16, __nv_bfloat16, float>(Params)',
    ],
    source: 'cuBLAS, cuBLASLt, CUTLASS; hipBLASLt (Cijk); csrc/rocm/skinny_gemms.cu; Inductor templates',
  },
  {
    id: 'norm',
    title: 'Norms',
    category: 'other',
    pattern: /rms_?norm|layer_?norm|l2norm|_norm_|Norm/i,
    examples: [
      'std::enable_if<(((8) > (0)) && vllm::_typeConvert<c10::BFloat16>::exists), void>::type vllm::fused_add_rms_norm_kernel<c10::BFloat16, 8>(c10::BFloat16*)',
      'void vllm::rms_norm_kernel<c10::BFloat16, 8, 2>(c10::BFloat16*, c10::BFloat16 const*, long, float, int, int)',
      'layer_norm_fwd_kernel',
    ],
    source: 'csrc/layernorm_kernels.cu, csrc/layernorm_quant_kernels.cu; vllm/model_executor/layers/layernorm.py',
  },
  {
    id: 'rope',
    title: 'Rotary embedding',
    category: 'other',
    pattern: /rotary|(?:^|_)m?rope(?:_|$)/i,
    examples: [
      'void vllm::rotary_embedding_kernel<c10::BFloat16, true>(long const*, c10::BFloat16*, c10::BFloat16*, c10::BFloat16 const*, int, long, long, int, int, int)',
      'BatchQKApplyRotaryPosIdsCosSinCacheKernel',
      '_triton_mrope_forward',
    ],
    source: 'csrc/pos_encoding_kernels.cu; FlashInfer pos_enc.cuh; vllm/model_executor/layers/rotary_embedding',
  },
  {
    id: 'activation',
    title: 'Activations',
    category: 'other',
    pattern: /act_and_mul|silu|gelu|swiglu|relu|doActivation/i,
    examples: [
      'void vllm::act_and_mul_kernel<c10::BFloat16, &vllm::silu_kernel<c10::BFloat16>, true>(c10::BFloat16*, c10::BFloat16 const*, int)',
      '_silu_mul_fp8_quant_deep_gemm',
    ],
    source: 'csrc/activation_kernels.cu; vllm/model_executor/layers/activation.py, fused_moe',
  },
  {
    id: 'quantise',
    title: 'Quantising activations',
    category: 'other',
    pattern: /quant|cvt_fp|convert_fp8|marlin_repack/i,
    examples: [
      'void vllm::scaled_fp8_quant_kernel_strided<c10::BFloat16, c10::Float8_e4m3fn>(c10::Float8_e4m3fn*)',
      '_per_token_group_quant_fp8',
      'void vllm::cvt_fp16_to_fp4<__nv_bfloat16, false>(int, int, __nv_bfloat16 const*)',
    ],
    source: 'csrc/quantization; vllm/model_executor/layers/quantization/utils',
  },
  {
    id: 'bookkeeping',
    title: 'Preparing a step',
    category: 'other',
    pattern:
      /slot_mapping|block_tables?|_prepare_|prepare_(?:inputs|next|pos)|eagle_|_post_update|_combine_sampled|_expand_idx_mapping|ngram|update_draft|CatArrayBatched|_seq_metadata/,
    examples: [
      '_compute_slot_mappings_kernel',
      '_gather_block_tables_kernel',
      '_prepare_pos_seq_lens_kernel',
      'eagle_prepare_inputs_padded_kernel',
      'void at::native::(anonymous namespace)::CatArrayBatchedCopy<at::native::(anonymous namespace)::OpaqueType<2u>, unsigned int, 2, 64, 64>(Params)',
    ],
    source: 'vllm/v1/worker (block_table.py, gpu/); vllm/v1/spec_decode; vLLM calls the last one prepare_next',
  },
  {
    id: 'elementwise',
    title: 'Elementwise, gathers, reductions',
    category: 'other',
    pattern:
      /elementwise|reduce_kernel|indexSelect|embedding|gather|scatter|index_|FillFunctor|at::native|at_cuda_detail|cub::|rocprim::|thrust::|(?:^|_)m?hc_/i,
    examples: [
      'void at::native::vectorized_elementwise_kernel<4, at::native::FillFunctor<int>, std::array<char*, 1ul>>(int, at::native::FillFunctor<int>)',
      'void at::native::elementwise_kernel<128, 4, at::native::gpu_kernel_impl_nocast<at::native::direct_copy_kernel_cuda>>(int)',
      'void at::native::(anonymous namespace)::indexSelectLargeIndex<c10::BFloat16, long, unsigned int, 2, 2, -2, true>(Params)',
      'mhc_post_tilelang_kernel',
      'void at::native::vectorized_gather_kernel<16, long>(char*, char*, long*, int, long, long, long, long, bool)',
    ],
    source: 'ATen/native/cuda',
  },
];

/** What a name that fits no row counts as. */
export const UNKNOWN_KERNEL = { id: 'unknown', title: 'Not recognised', category: 'other' } as const;

export type KernelKind = Pick<KernelRule, 'id' | 'title' | 'category'>;

/** Characters of a name that are looked at: the longest a compiler was seen to make has some thousand. */
const LOOKED_AT = 8192;

/** What a kernel does, by the first row of the table that fits its name; one that fits none is "not recognised", other compute. */
export function classify(name: string): KernelKind {
  const start = name.slice(0, LOOKED_AT);
  return KERNEL_RULES.find(({ pattern }) => pattern.test(start)) ?? UNKNOWN_KERNEL;
}
